"""Exports: of one moment, in CSV that any reader takes, and that comes back as what it was."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringfence.core import exports
from ringfence.core.blocked_numbers import add_blocked_numbers
from ringfence.core.exports import (
    CsvTarget,
    export_group,
    export_groups,
    export_phone_numbers,
)
from ringfence.core.group_settings import delete_block_group, make_block_group
from ringfence.core.imports.previews import reading_terms
from ringfence.core.imports.reading import read_rows
from ringfence.core.imports.staging import stage_import
from ringfence.errors import BlockGroupNotFound
from ringfence.model.accounts import Account
from ringfence.model.blocked_numbers import NumbersDraft
from ringfence.model.group_settings import GroupSettings
from ringfence.model.imports import Import, Kind, Target
from ringfence.model.phone_numbers import State
from ringfence.store import Store, Transaction
from tests.core.imports.phone_files import apply, counted, load, phones
from tests.core.people import NOW, ORIGIN, new_account
from tests.core.phones import add
from tests.core.records import recorded

SKILLS = ("Sales", "Ser|vice", "A;B", "A", "B", "Größe")
ON_A_STORE = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

Entry = tuple[str, int | None, str]
"""The pattern, the expiry in ms after NOW or None, the reason."""

entries = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *(f"+9198123456{n:02}" for n in range(30)),
                *("+91140*", "+9*", "+12015550123", "withheld", "+4930123456"),
            ]
        ),
        st.none() | st.integers(1, 10**11) | st.sampled_from([1000, 86_400_000]),
        st.text(st.characters(codec="utf-8"), max_size=40).filter(
            lambda text: text.isprintable() and text == text.strip()
        )
        | st.sampled_from(['said "no", twice', "=1+2", "+1", "-1", "@x", "'q", '="x"', "a;b;c"]),
    ),
    max_size=25,
    unique_by=lambda entry: entry[0],
)
phone_lists = st.lists(
    st.tuples(
        st.sampled_from([*(f"Desk{n}" for n in range(20)), "12.0", "+Desk", "a@b-c_d.e", "0123"]),
        st.sampled_from(
            [*(f"98123456{n:02}" for n in range(20)), "+12015550123", "12345", "0091984567890"]
        ),
        st.integers(1, 20),
        st.sampled_from(State),
        st.sets(st.sampled_from(SKILLS)),
    ),
    max_size=15,
    unique_by=(lambda phone: phone[0], lambda phone: phone[1]),
)


def exported(write: Callable[[BinaryIO], None]) -> bytes:
    """Return what is written to a file that has something else in it."""
    file = io.BytesIO(b"something else, and longer than a file without rows would be" * 9)
    write(file)
    return file.getvalue()


def group_file(store: Store, account: Account, group_id: int, line_end: str = "\n") -> bytes:
    """Return the export of a group at NOW."""
    return exported(
        lambda file: export_group(store, account, group_id, CsvTarget(file, line_end), NOW)
    )


def groups_file(store: Store, account: Account) -> bytes:
    """Return the export of all groups at NOW."""
    return exported(lambda file: export_groups(store, account, CsvTarget(file), NOW))


def phone_file(store: Store, account: Account, line_end: str = "\n") -> str:
    """Return the export of the phone numbers."""
    return exported(
        lambda file: export_phone_numbers(store, account, CsvTarget(file, line_end))
    ).decode()


def new_group(store: Store, account: Account, name: str) -> int:
    """Make a group and return its id."""
    return make_block_group(store, account, GroupSettings(name), ORIGIN).block_group_id


def block(store: Store, account: Account, group_id: int, blocked: Sequence[Entry]) -> None:
    """Block numbers in a group, each on its own terms."""
    for pattern, after_ms, reason in blocked:
        until = None if after_ms is None else NOW + timedelta(milliseconds=after_ms)
        draft = NumbersDraft([pattern], until, reason)
        [told] = add_blocked_numbers(store, account, group_id, draft, ORIGIN)
        assert told.pattern == pattern


def held(store: Store, account: Account, group_id: int) -> list[tuple[str, int | None, str]]:
    """Return pattern, expiry and reason of what a group holds."""
    return store.read(
        lambda tx: [
            (row[0], row[1], row[2])
            for row in tx.all(
                "select pattern, expires_at, reason from blocked_number "
                "join batch using (account_id, batch_id) "
                "where account_id = ? and block_group_id = ? order by pattern",
                (account.account_id, group_id),
            )
        ]
    )


def imported(store: Store, account: Account, group_id: int | None, data: bytes) -> Import:
    """Put a file into a group, or where its rows say, and return its import."""
    target = Target(Kind.BLOCKED_NUMBERS, group_id)
    terms = reading_terms(store, account, target, NOW)
    made = stage_import(store, account, target, read_rows(io.BytesIO(data), terms), ORIGIN)
    return apply(store, account, made)


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account with skills."""
    return new_account(store, limit=1000, skills=SKILLS)


@ON_A_STORE
@given(entries, st.sampled_from(["\n", "\r\n"]))
def test_a_group_comes_back_as_it_was(store: Store, blocked: list[Entry], line_end: str) -> None:
    """Into an empty group all of it, into itself nothing."""
    alice = new_account(store)
    first, second = (new_group(store, alice, name) for name in ("First", "Second"))
    block(store, alice, first, blocked)
    data = group_file(store, alice, first, line_end)
    if not blocked:
        assert data.decode() == f"number,expires_at,reason{line_end}"
        return
    told = imported(store, alice, second, data)
    assert counted(told.applied.counts) == {"new": len(blocked)}
    assert held(store, alice, second) == held(store, alice, first)
    assert group_file(store, alice, second, line_end) == data
    changes = len(recorded(store, alice))
    again = imported(store, alice, first, data)
    assert counted(again.applied.counts) == {"duplicate": len(blocked)}
    assert len(recorded(store, alice)) == changes


@ON_A_STORE
@given(phone_lists, st.sampled_from(["\n", "\r\n"]))
def test_phone_numbers_come_back_as_they_were(
    store: Store, given_phones: list[tuple[str, str, int, State, set[str]]], line_end: str
) -> None:
    """Into another account with the same skills all of them, into their own nothing."""
    alice, bob = (new_account(store, skills=SKILLS) for _ in range(2))
    for name, number, priority, state, names in given_phones:
        add(store, alice, name, number, *names, priority=priority, state=state)
    text = phone_file(store, alice, line_end)
    if not given_phones:
        assert text == f"name,number,priority,state,skills{line_end}"
        return
    told = load(store, bob, text)
    assert counted(told.applied.counts) == {"new": len(given_phones)}
    assert phones(store, bob) == phones(store, alice)
    changes = len(recorded(store, alice))
    again = load(store, alice, text)
    assert counted(again.applied.counts) == {"duplicate": len(given_phones)}
    assert len(recorded(store, alice)) == changes


def test_all_groups_are_one_file(store: Store, alice: Account) -> None:
    """With the name of its group before each number, whatever stands in that."""
    names = ["First", 'The "second", really', "Дом; two\nlines", "Empty"]
    ids = [new_group(store, alice, name) for name in names]
    for place, group_id in enumerate(ids[:3]):
        block(store, alice, group_id, [("+91140*", None, "x"), (f"+91981234560{place}", 5, "")])
    gone = new_group(store, alice, "Gone")
    block(store, alice, gone, [("withheld", None, "")])
    delete_block_group(store, alice, gone, ORIGIN)
    data = groups_file(store, alice)
    rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    assert rows[0] == ["group", "number", "expires_at", "reason"]
    assert [row[0] for row in rows[1:]] == [name for name in names[:3] for _ in range(2)]
    told = imported(store, alice, None, data)
    assert counted(told.applied.counts) == {"duplicate": 6}
    assert told.failed == 0


def test_what_is_over_is_left_out(store: Store, alice: Account) -> None:
    """Expiries are in UTC, with milliseconds where there are any; the order is the store's."""
    group_id = new_group(store, alice, "First")
    blocked: list[Entry] = [
        ("+919812345603", 0, ""),
        ("withheld", 1, "a,b"),
        ("+919812345602", 2000, "plain reason"),
        ("+919812345601", None, ""),
    ]
    early = replace(ORIGIN, at=NOW - timedelta(days=1))
    for pattern, after_ms, reason in blocked:
        until = None if after_ms is None else NOW + timedelta(milliseconds=after_ms)
        draft = NumbersDraft([pattern], until, reason)
        add_blocked_numbers(store, alice, group_id, draft, early)
    assert group_file(store, alice, group_id, "\r\n").decode() == (
        "number,expires_at,reason\r\n"
        "+919812345601,,\r\n"
        "+919812345602,2026-01-01T00:00:02Z,plain reason\r\n"
        'withheld,2026-01-01T00:00:00.001Z,"a,b"\r\n'
    )


def test_a_long_list_is_read_in_parts(
    store: Store, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And each phone number has its own skills, whichever part it is in."""
    for module in ("sqlite", "postgres"):
        monkeypatch.setattr(f"ringfence.store.{module}.connection.STREAM_ROWS", 3)
    for n in range(10):
        add(store, alice, f"Desk{n}", f"98123456{n:02}", *SKILLS[: n % 4])
    group_id = new_group(store, alice, "First")
    block(store, alice, group_id, [(f"+9198123457{n:02}", None, str(n)) for n in range(10)])
    rows = list(csv.DictReader(io.StringIO(phone_file(store, alice))))
    assert [row["name"] for row in rows] == [f"Desk{n}" for n in range(10)]
    assert [len(row["skills"].split(",")) if row["skills"] else 0 for row in rows] == [
        n % 4 for n in range(10)
    ]
    assert group_file(store, alice, group_id).count(b"\n") == 11


def test_a_file_is_of_one_moment(
    store: Store, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written while it is being made is not in it."""
    first, second = (new_group(store, alice, name) for name in ("First", "Second"))
    for group_id in (first, second):
        block(store, alice, group_id, [("+919812345601", None, "")])
    write, asked = exports._write_entries, list[int]()  # noqa: SLF001

    def write_and_change(tx: Transaction, account: Account, group_id: int, *more: object) -> None:
        write(tx, account, group_id, *more)  # type: ignore[arg-type]
        asked.append(group_id)
        if group_id == first:
            block(store, alice, second, [("+919812345602", None, "")])

    monkeypatch.setattr(exports, "_write_entries", write_and_change)
    assert groups_file(store, alice).count(b"\n") == 3
    assert asked[-2:] == [first, second]
    monkeypatch.undo()
    assert groups_file(store, alice).count(b"\n") == 4


def test_a_group_that_is_not_there(store: Store, alice: Account) -> None:
    """Or is no more, or is another account's."""
    gone = new_group(store, alice, "Gone")
    delete_block_group(store, alice, gone, ORIGIN)
    hers = new_group(store, alice, "Hers")
    for account, group_id in ((alice, gone), (alice, 99), (new_account(store), hers)):
        with pytest.raises(BlockGroupNotFound):
            group_file(store, account, group_id)


def test_moments_far_away(store: Store, alice: Account) -> None:
    """The last that can be stored comes back, too."""
    group_id = new_group(store, alice, "First")
    draft = NumbersDraft(["+919812345601"], datetime(9999, 12, 31, tzinfo=UTC))
    add_blocked_numbers(store, alice, group_id, draft, ORIGIN)
    data = group_file(store, alice, group_id)
    assert counted(imported(store, alice, group_id, data).applied.counts) == {"duplicate": 1}
