"""Phone numbers in the database, and which skills each has."""

from collections.abc import Collection, Sequence
from datetime import datetime

from ringfence.errors import (
    PhoneNumberExists,
    PhoneNumberLimitReached,
    PhoneNumberNotFound,
    Unavailable,
)
from ringfence.model.accounts import Account
from ringfence.model.phone_numbers import PhoneNumber, State, name_key
from ringfence.store.database import Clash, Row, Transaction, Value
from ringfence.store.hunting import detach_skills, reorder_hunts, select_held
from ringfence.store.times import from_ms, to_ms

REGION_CHANGED = "the account's region was changed at this moment"
PHONE_COLUMNS = "phone_number_id, name, number, number_key, priority, state, created_at, updated_at"


def insert_phone_number(
    tx: Transaction, account: Account, name: str, number: str, number_key: str, at: datetime
) -> int:
    """Store a phone number and return its id. Raises PhoneNumberExists, PhoneNumberLimitReached.

    Parallel writers pass the account's lock one by one, so ids differ and the limit holds
    exactly. The insert comes first: a name or number that is taken is told before the limit.
    Raises Unavailable where `number_key` was made for a region that the account has left since.
    """
    tx.lock_account(account.account_id)
    stamp = to_ms(at)
    try:
        made = tx.run(
            "insert into phone_number (account_id, phone_number_id, name, name_key, number, "
            "number_key, number_reversed, created_at, updated_at) "
            "select account_id, last_phone_number_id + 1, "
            "?, ?, ?, ?, ?, ?, ? from account where account_id = ? and region = ?",
            (
                *(name, name_key(name), number, number_key, number_key[::-1], stamp, stamp),
                *(account.account_id, account.region),
            ),
        )
    except Clash as clash:
        raise PhoneNumberExists from clash
    if not made:
        raise Unavailable(reason=REGION_CHANGED)
    return _take_place(tx, account.account_id)


def _take_place(tx: Transaction, account_id: int) -> int:
    """Count a record just inserted, and the change that it is; return its id.

    Raises PhoneNumberLimitReached.
    """
    row = tx.one(
        "update account set phone_numbers_used = phone_numbers_used + 1, "
        "last_phone_number_id = last_phone_number_id + 1, last_change_id = last_change_id + 1 "
        "where account_id = ? and phone_numbers_used < phone_number_limit "
        "returning last_phone_number_id",
        (account_id,),
    )
    if row is None:
        raise PhoneNumberLimitReached
    return int(row[0])


def lock_phone_number(tx: Transaction, account: Account, name: str, number_key: str) -> int:
    """Return the id of the record with this name and this number, for a change to come.

    Raises PhoneNumberNotFound, and Unavailable as `insert_phone_number` does.
    """
    if "\0" in name:  # no record has it, and PostgreSQL refuses even to look for it
        raise PhoneNumberNotFound
    tx.lock_account(account.account_id)
    check_region(tx, account)
    row = tx.one(
        "select phone_number_id from phone_number "
        "where account_id = ? and name_key = ? and number_key = ?",
        (account.account_id, name_key(name), number_key),
    )
    if row is None:
        raise PhoneNumberNotFound
    return int(row[0])


def check_region(tx: Transaction, account: Account) -> None:
    """Raise Unavailable where the account has left the region for which `account` was read."""
    values = (account.account_id, account.region)
    if tx.one("select 1 from account where account_id = ? and region = ?", values) is None:
        raise Unavailable(reason=REGION_CHANGED)


def select_phone_number(
    tx: Transaction, account_id: int, name: str | None, number_key: str | None
) -> PhoneNumber:
    """Return the record with this name and this number; None is any. Raises PhoneNumberNotFound."""
    wanted: dict[str, str] = {}
    if name is not None:
        wanted["name_key"] = name_key(name)
    if number_key is not None:
        wanted["number_key"] = number_key
    if "\0" in wanted.get("name_key", ""):  # as above
        raise PhoneNumberNotFound
    conditions = " and ".join(f"{column} = ?" for column in wanted)
    row = tx.one(
        f"select phone_number_id from phone_number where account_id = ? and {conditions}",
        (account_id, *wanted.values()),
    )
    if row is None:
        raise PhoneNumberNotFound
    return select_phone_numbers(tx, account_id, [row[0]])[0]


def select_phone_numbers(tx: Transaction, account_id: int, ids: Sequence[int]) -> list[PhoneNumber]:
    """Return the records of these ids in their order, with their skills; unknown ids are left out.

    There may be a thousand ids.
    """
    if not ids:
        return []
    marks = ", ".join("?" * len(ids))
    rows = tx.all(
        f"select {PHONE_COLUMNS} from phone_number "
        f"where account_id = ? and phone_number_id in ({marks})",
        (account_id, *ids),
    )
    named = tx.all(
        "select phone_number_id, skill.name from phone_number_skill "
        "join skill using (account_id, skill_id) "
        f"where account_id = ? and phone_number_id in ({marks}) order by skill.name_key",
        (account_id, *ids),
    )
    skills: dict[int, list[str]] = {}
    for phone_number_id, name in named:
        skills.setdefault(phone_number_id, []).append(name)
    found = {row[0]: read_phone_number(row, skills.get(row[0], [])) for row in rows}
    return [found[each] for each in ids if each in found]


def read_phone_number(row: Row, skills: Sequence[str]) -> PhoneNumber:
    """Make a phone number of a row of PHONE_COLUMNS and the names of its skills."""
    *plain, state, created_at, updated_at = row
    at = (from_ms(created_at), from_ms(updated_at))
    return PhoneNumber(*(*plain, State(state), tuple(skills), *at))


def touch_phone_number(
    tx: Transaction, account_id: int, phone_number_id: int, at: datetime
) -> None:
    """Note when a record, its skills too, was changed last; the changes themselves do not."""
    tx.run(
        "update phone_number set updated_at = ? where account_id = ? and phone_number_id = ?",
        (to_ms(at), account_id, phone_number_id),
    )


def update_phone_name(tx: Transaction, account_id: int, phone_number_id: int, name: str) -> None:
    """Give a record another name. Raises PhoneNumberExists."""
    _update(
        tx,
        "update phone_number set name = ?, name_key = ? "
        "where account_id = ? and phone_number_id = ?",
        (name, name_key(name), account_id, phone_number_id),
    )
    reorder_hunts(tx, account_id, phone_number_id)


def update_number(
    tx: Transaction, account_id: int, phone_number_id: int, number: str, number_key: str
) -> None:
    """Give a record another number. Raises PhoneNumberExists."""
    _update(
        tx,
        "update phone_number set number = ?, number_key = ?, number_reversed = ? "
        "where account_id = ? and phone_number_id = ?",
        (number, number_key, number_key[::-1], account_id, phone_number_id),
    )


def update_standing(
    tx: Transaction, account_id: int, phone_number_id: int, priority: int, state: State
) -> None:
    """Give a record its place in hunts, or take it out of them."""
    tx.run(
        "update phone_number set priority = ?, state = ? "
        "where account_id = ? and phone_number_id = ?",
        (priority, state.value, account_id, phone_number_id),
    )
    reorder_hunts(tx, account_id, phone_number_id)


def _update(tx: Transaction, sql: str, values: Sequence[Value]) -> None:
    try:
        tx.run(sql, values)
    except Clash as clash:
        raise PhoneNumberExists from clash


def delete_phone_number(tx: Transaction, account_id: int, phone_number_id: int) -> None:
    """Remove a record with its skills, and give its place under the limit back."""
    values = (account_id, phone_number_id)
    held = select_held(tx, account_id, phone_number_id)
    detach_skills(tx, account_id, phone_number_id, held)
    tx.run("delete from phone_number where account_id = ? and phone_number_id = ?", values)
    tx.run(
        "update account set phone_numbers_used = phone_numbers_used - 1 where account_id = ?",
        (account_id,),
    )


def select_own_numbers(tx: Transaction, account_id: int, numbers: Collection[str]) -> set[str]:
    """Return those of `numbers` (canonical) that are the account's own phone numbers."""
    if not numbers:
        return set()
    marks = ", ".join("?" * len(numbers))
    rows = tx.all(
        f"select number_key from phone_number where account_id = ? and number_key in ({marks})",
        (account_id, *numbers),
    )
    return {row[0] for row in rows}


def select_numbers(tx: Transaction, account_id: int) -> list[tuple[int, str]]:
    """Return the id and the number, as sent, of every record of an account."""
    rows = tx.all(
        "select phone_number_id, number from phone_number where account_id = ?", (account_id,)
    )
    return [(row[0], row[1]) for row in rows]


def update_number_keys(tx: Transaction, account_id: int, keys: Sequence[tuple[int, str]]) -> None:
    """Store anew by what each number is known. Raises PhoneNumberExists where two become one.

    They are set aside first: otherwise one could clash with another that is about to change.
    """
    tx.run(
        "update phone_number set number_key = '#' || phone_number_id where account_id = ?",
        (account_id,),
    )
    try:
        tx.run_many(
            "update phone_number set number_key = ?, number_reversed = ? "
            "where account_id = ? and phone_number_id = ?",
            [(key, key[::-1], account_id, phone_number_id) for phone_number_id, key in keys],
        )
    except Clash as clash:
        raise PhoneNumberExists from clash
