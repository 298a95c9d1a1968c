"""Whole lists as CSV files that can be imported again: blocked numbers, phone numbers.

A file is of one moment: it is written inside one read of the store, which others go on writing to
meanwhile. A store may begin a read anew, so each verb is given a file that it can begin anew too,
and that nobody slow is behind: a database that has to show an old state for long pays for it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import BinaryIO, NamedTuple

from ringfence.model.accounts import Account
from ringfence.model.block_groups import BlockGroup
from ringfence.model.imports import COLUMNS, Kind
from ringfence.model.moments import write_moment
from ringfence.store import Store, Transaction, block_groups, exports
from ringfence.store.exports import PhoneLine
from ringfence.store.times import from_ms, to_ms

ENTRY_COLUMNS = COLUMNS[Kind.BLOCKED_NUMBERS]
GROUP_COLUMN = "group"
PHONE_COLUMNS = COLUMNS[Kind.PHONE_NUMBERS]

_GROUPS_AT_ONCE = 1_000
# What no reader of CSV takes for anything but text.
_PLAIN = re.compile(r"[\w+*@.:/-][\w+*@.:/ -]*(?<! )", re.ASCII)


class CsvTarget(NamedTuple):
    """A file to write CSV to in UTF-8, which can be begun anew, and how its lines end."""

    file: BinaryIO
    line_end: str = "\n"


def export_group(
    store: Store, account: Account, block_group_id: int, target: CsvTarget, at: datetime
) -> None:
    """Write the entries of a group that are live at `at`: number, expires_at, reason.

    A number is a prefix or `withheld`, too. Expiries are in UTC, none where there is none. Raises
    BlockGroupNotFound.
    """

    def export(tx: Transaction) -> None:
        block_groups.select_block_group(tx, account.account_id, block_group_id)
        lines = _Lines(target, ENTRY_COLUMNS)
        _write_entries(tx, account, block_group_id, lines, "", at)

    store.read_at_length(export)


def export_groups(store: Store, account: Account, target: CsvTarget, at: datetime) -> None:
    """Write the live entries of all groups, by the ids of these, each behind its group's name.

    Otherwise as `export_group` does.
    """

    def export(tx: Transaction) -> None:
        lines = _Lines(target, (GROUP_COLUMN, *ENTRY_COLUMNS))
        for group in _groups(tx, account):
            name = f"{_cell(group.name)},"
            _write_entries(tx, account, group.block_group_id, lines, name, at)

    store.read_at_length(export)


def export_phone_numbers(store: Store, account: Account, target: CsvTarget) -> None:
    """Write the phone numbers: name, number as it was sent, priority, state, skills.

    The names of skills have commas between them, which no name has.
    """

    def export(tx: Transaction) -> None:
        lines = _Lines(target, PHONE_COLUMNS)
        for some in exports.stream_phone_lines(tx, account.account_id):
            lines.write(map(_phone_line, some))

    store.read_at_length(export)


class _Lines:
    """Lines on their way into a file, which begins anew with the first."""

    def __init__(self, target: CsvTarget, columns: Sequence[str]) -> None:
        self._file, self._end = target
        self._file.seek(0)
        self._file.truncate()
        self.write([",".join(columns)])

    def write(self, lines: Iterable[str]) -> None:
        """Write lines, given without their ends."""
        self._file.write("".join(line + self._end for line in lines).encode())


def _groups(tx: Transaction, account: Account) -> Iterable[BlockGroup]:
    after = 0
    while some := block_groups.select_block_groups(tx, account.account_id, after, _GROUPS_AT_ONCE):
        yield from some
        after = some[-1].block_group_id


def _write_entries(
    tx: Transaction, account: Account, block_group_id: int, lines: _Lines, lead: str, at: datetime
) -> None:
    # A group has few different expiries and reasons.
    until: Callable[[int | None], str] = lru_cache(maxsize=4096)(_until)
    told: Callable[[str], str] = lru_cache(maxsize=4096)(_cell)
    for rows in exports.stream_entries(tx, account.account_id, block_group_id, to_ms(at)):
        lines.write(
            f"{lead}{pattern},{until(expires_at)},{told(reason)}"
            for pattern, expires_at, reason in rows
        )


def _phone_line(phone: PhoneLine) -> str:
    cells = (phone.name, phone.number, str(phone.priority), phone.state, ",".join(phone.skills))
    return ",".join(map(_cell, cells))


def _until(expires_at: int | None) -> str:
    return "" if expires_at is None else write_moment(from_ms(expires_at))


def _cell(text: str) -> str:
    if not text or _PLAIN.fullmatch(text):
        return text
    return '"' + text.replace('"', '""') + '"'
