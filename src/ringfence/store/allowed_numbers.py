"""Allowed numbers in the database."""

from ringfence.errors import AllowedNumberNotFound
from ringfence.model.allowed_numbers import AllowedNumber
from ringfence.model.patterns import kind_of
from ringfence.store.blocked_numbers import Span
from ringfence.store.database import Row, Transaction
from ringfence.store.times import from_ms, from_optional_ms, to_ms, to_optional_ms

_COLUMNS = "allowed_number_id, pattern, protected, expires_at, reason, door, key_id, created_at"


def insert_allowed_number(tx: Transaction, account_id: int, allowed: AllowedNumber) -> None:
    """Store an allowed number."""
    tx.run(
        f"insert into allowed_number (account_id, {_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(account_id, allowed.allowed_number_id, allowed.pattern, int(allowed.protected)),
            *(to_optional_ms(allowed.expires_at), allowed.reason, allowed.door, allowed.key_id),
            to_ms(allowed.created_at),
        ),
    )


def select_allowed_number(
    tx: Transaction, account_id: int, allowed_number_id: int
) -> AllowedNumber:
    """Return an allowed number. Raises AllowedNumberNotFound."""
    row = tx.one(
        f"select {_COLUMNS} from allowed_number where account_id = ? and allowed_number_id = ?",
        (account_id, allowed_number_id),
    )
    if row is None:
        raise AllowedNumberNotFound
    return _read(row)


def select_allowed_pattern(tx: Transaction, account_id: int, pattern: str) -> AllowedNumber | None:
    """Return the allowed number of this very pattern, expired or not, or None."""
    row = tx.one(
        f"select {_COLUMNS} from allowed_number where account_id = ? and pattern = ?",
        (account_id, pattern),
    )
    return None if row is None else _read(row)


def select_allowed_numbers(
    tx: Transaction, account_id: int, span: Span, limit: int
) -> list[AllowedNumber]:
    """Return up to `limit` allowed numbers, expired ones too, by pattern."""
    condition, values = span.condition()
    rows = tx.all(
        f"select {_COLUMNS} from allowed_number where account_id = ? and {condition} "
        "order by pattern limit ?",
        (account_id, *values, limit),
    )
    return [_read(row) for row in rows]


def delete_allowed_number(tx: Transaction, account_id: int, allowed_number_id: int) -> None:
    """Remove an allowed number."""
    tx.run(
        "delete from allowed_number where account_id = ? and allowed_number_id = ?",
        (account_id, allowed_number_id),
    )


def _read(row: Row) -> AllowedNumber:
    allowed_number_id, pattern, protected, expires_at, reason, door, key_id, created_at = row
    return AllowedNumber(
        allowed_number_id=allowed_number_id,
        pattern=pattern,
        kind=kind_of(pattern),
        protected=bool(protected),
        expires_at=from_optional_ms(expires_at),
        reason=reason,
        door=door,
        key_id=key_id,
        created_at=from_ms(created_at),
    )
