"""Files of phone numbers in tests: read, applied, taken back, and what the account then has."""

import csv
import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from ringfence.core.imports.phone_reading import read_phone_rows
from ringfence.core.imports.previews import reading_terms
from ringfence.core.imports.reports import failed_rows
from ringfence.core.imports.staging import stage_import
from ringfence.core.imports.steps import apply_import, step_import, undo_import
from ringfence.model.accounts import Account
from ringfence.model.imports import Import, Kind, RowOutcome, Target
from ringfence.store import Store
from ringfence.store.database import Row
from tests.core.people import NOW, ORIGIN
from tests.store.people import rows_of

TARGET = Target(Kind.PHONE_NUMBERS)
HEADER = "name,number,priority,state,skills\n"
OF_IMPORTS = {"change", "import", "import_chunk", "import_failure"}
GROWING = ("last_phone_number_id", "last_change_id")


def stage(store: Store, account: Account, text: str | bytes, at: datetime = NOW) -> Import:
    """Read a file, as a server does but in this process, and return its import."""
    data = text if isinstance(text, bytes) else text.encode()
    terms = reading_terms(store, account, TARGET, at)
    parts = read_phone_rows(io.BytesIO(data), terms)
    return stage_import(store, account, TARGET, parts, replace(ORIGIN, at=at))


def apply(store: Store, account: Account, made: Import, at: datetime = NOW) -> Import:
    """Put an import into the store, and return it."""
    apply_import(store, account, made.import_id, replace(ORIGIN, at=at))
    return finish(store, account, made, at)


def undo(store: Store, account: Account, made: Import, at: datetime = NOW) -> Import:
    """Take an import back, and return it."""
    undo_import(store, account, made.import_id, replace(ORIGIN, at=at))
    return finish(store, account, made, at)


def finish(store: Store, account: Account, made: Import, at: datetime = NOW) -> Import:
    """Make the steps that are left, and return the import."""
    while (told := step_import(store, account, made.import_id, at)).is_under_way:
        pass
    return told


def load(store: Store, account: Account, text: str, at: datetime = NOW) -> Import:
    """Read a file and put it into the store; what it told before is what came of it."""
    made = stage(store, account, text, at)
    told = apply(store, account, made, at)
    assert counted(told.applied.counts) == counted(made.preview.counts)
    return told


def counted(counts: object) -> dict[str, int]:
    """Return how many rows did what, without what none did."""
    assert isinstance(counts, dict)
    return {RowOutcome(each).value: count for each, count in counts.items() if count}


def failed(store: Store, account: Account, made: Import) -> list[dict[str, str]]:
    """Return the rows that failed, by the names of their columns."""
    text = "".join(failed_rows(store, account, made.import_id))
    return list(csv.DictReader(io.StringIO(text, newline="")))


def phones(store: Store, account: Account) -> list[tuple[str, str, int, str, str]]:
    """Return name, number, priority, state and skills of the phone numbers, by id."""
    rows = store.read(
        lambda tx: tx.all(
            "select phone_number_id, name, number, priority, state from phone_number "
            "where account_id = ? order by phone_number_id",
            (account.account_id,),
        )
    )
    held = store.read(
        lambda tx: tx.all(
            "select phone_number_id, skill.name from phone_number_skill "
            "join skill using (account_id, skill_id) where account_id = ? order by skill.name_key",
            (account.account_id,),
        )
    )
    return [(*row[1:], " ".join(name for each, name in held if each == row[0])) for row in rows]


def kept(store: Store, account: Account) -> dict[str, list[Row]]:
    """Return every row of the account, but for what only grows and what is about imports."""
    kept = {table: sorted(rows) for table, rows in rows_of(store, account).items()}
    for table in OF_IMPORTS | {"account"}:
        del kept[table]
    settings = store.read(
        lambda tx: tx.all(
            "select phone_numbers_used, phone_number_limit, last_skill_id, last_batch_id, "
            "last_block_group_id from account where account_id = ?",
            (account.account_id,),
        )
    )
    return {**kept, "account": settings}


def check_derived(store: Store, account: Account) -> None:
    """Check whatever is counted or ordered beside what it is made of."""
    account_id = (account.account_id,)

    def rows(sql: str) -> list[Row]:
        return store.read(lambda tx: tx.all(sql, account_id))

    [(used, last)] = rows(
        "select phone_numbers_used, last_phone_number_id from account where account_id = ?"
    )
    ids = [row[0] for row in rows("select phone_number_id from phone_number where account_id = ?")]
    assert used == len(ids)
    assert max(ids, default=0) <= last
    for name, counted_as, count in rows(
        "select name, phone_numbers, (select count(*) from phone_number_skill as held "
        "where held.account_id = skill.account_id and held.skill_id = skill.skill_id) "
        "from skill where account_id = ?"
    ):
        assert counted_as == count, name
    for priority, name, state, key in rows(
        "select priority, name_key, state, hunt_key from phone_number "
        "join phone_number_skill using (account_id, phone_number_id) where account_id = ?"
    ):
        assert key == (f"{priority:02}{name}" if state == "active" else None)
    for key, backwards in rows(
        "select number_key, number_reversed from phone_number where account_id = ?"
    ):
        assert backwards == key[::-1]
    changes = rows("select change_id from change where account_id = ? order by change_id")
    assert [row[0] for row in changes] == list(range(1, len(changes) + 1))


def lines(rows: Iterable[str]) -> str:
    """Return a file with our columns of these rows."""
    return HEADER + "".join(f"{row}\n" for row in rows)
