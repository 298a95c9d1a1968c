"""Every table that a copy of a store takes along, in an order that the foreign keys allow.

A test holds this against what the migrations make.
"""

from dataclasses import dataclass

NODE_LOCAL = frozenset({"schema_migration", "commit_mark"})
"""Tables that tell about one database only, so that no copy takes them along."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns, led by those of its primary key."""

    name: str
    key: tuple[str, ...]
    others: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column, in the order of `select_all`."""
        return self.key + self.others

    @property
    def select_all(self) -> str:
        """The statement that reads every row in the order of the key."""
        return f"select {', '.join(self.columns)} from {self.name} order by {', '.join(self.key)}"


_ACCOUNT = (
    *("user_name", "region", "timezone", "phone_number_limit", "phone_numbers_used", "created_at"),
    *("last_api_key_id", "last_skill_id", "last_phone_number_id"),
    *("last_block_group_id", "last_batch_id"),
    *("api_authentication", "last_token_id"),
    *("answer_code", "answer_phrase", "last_allowed_number_id", "last_change_id"),
    *("activity_days", "activity_hashed", "activity_key"),
    *("agent_group_id", "agent_hours", "last_agent_block_id"),
)
_PHONE_NUMBER = (
    *("name", "name_key", "number", "number_key"),
    *("priority", "created_at", "updated_at", "state", "number_reversed"),
)
_BLOCK_GROUP = (
    *("name", "name_key", "description", "created_at", "updated_at"),
    *("mode", "direction", "scope_skills", "scope_called"),
    *("answer_code", "answer_phrase", "deleted_at"),
)
_API_KEY = ("account_id", "key_id", "prefix", "created_at", "revoked_at", "role", "label")
_ALLOWED_NUMBER = (
    *("allowed_number_id", "protected", "expires_at", "reason"),
    *("door", "key_id", "created_at"),
)
_CHANGE = (
    *("account_id", "change_id", "at", "door", "key_id"),
    *("action", "subject", "before", "after", "entries"),
)

_BATCH = ("door", "key_id", "created_at", "reason", "import_id", "chunk_no")
_IMPORT = (
    *("kind", "block_group_id", "state", "door", "key_id", "created_at", "stepped_at"),
    *("file_rows", "found", "preview", "applied", "failed"),
    *("chunks", "chunks_done", "staged", "done", "undo_from"),
)
_IMPORT_CHUNK = (
    *("block_group_id", "size", "staged", "lines", "reasons", "change_id", "failed", "undone"),
)
_SCREENING = (
    *("calling", "called", "direction", "skill", "disposition", "reason"),
    *("block_group_id", "pattern", "key_id", "latency_us"),
)
_AGENT_BLOCK = (
    *("block_group_id", "pattern", "screening_id", "reason", "key_id", "created_at", "expires_at"),
    *("batch_id", "outcome", "had_entry", "former_expires_at", "former_batch_id"),
    *("undone_at", "undone_by"),
)

TABLES = (
    Table("account", ("account_id",), _ACCOUNT),
    Table("login", ("user_name",), ("account_id",)),
    Table("api_key", ("digest",), _API_KEY),
    Table("skill", ("account_id", "skill_id"), ("name", "name_key", "phone_numbers")),
    Table("phone_number", ("account_id", "phone_number_id"), _PHONE_NUMBER),
    Table("phone_number_skill", ("account_id", "phone_number_id", "skill_id"), ("hunt_key",)),
    Table("block_group", ("account_id", "block_group_id"), _BLOCK_GROUP),
    Table("batch", ("account_id", "batch_id"), _BATCH),
    Table(
        "blocked_number",
        ("account_id", "pattern", "block_group_id"),
        ("expires_at", "batch_id"),
    ),
    Table("allowed_number", ("account_id", "pattern"), _ALLOWED_NUMBER),
    Table("change", ("sequence",), _CHANGE),
    Table("screening", ("account_id", "screening_id"), _SCREENING),
    Table(
        "screening_count",
        ("account_id", "minute", "block_group_id", "disposition"),
        ("calls",),
    ),
    Table("entry_hit", ("account_id", "pattern", "block_group_id"), ("hits", "last_hit_at")),
    Table("agent_block", ("account_id", "agent_block_id"), _AGENT_BLOCK),
    Table("import", ("account_id", "import_id"), _IMPORT),
    Table("import_chunk", ("account_id", "import_id", "chunk_no"), _IMPORT_CHUNK),
    Table("import_failure", ("account_id", "import_id", "part_no"), ("content",)),
    Table(
        "kept_answer",
        ("account_id", "key_id", "idempotency_key"),
        ("fingerprint", "answer", "created_at"),
    ),
    Table("token", ("account_id", "token_id"), ("jti", "key_id", "created_at")),
    Table("path_use", ("account_id", "path"), ("requests", "last_at")),
    Table("signing_secret", ("secret_id",), ("secret", "created_at")),
)
