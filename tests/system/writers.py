"""Callers that write and remember what was acknowledged, and what a store holds of it."""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.client import HTTPException

from tests.system.client import SAVED, Answer, Client
from tests.system.stores import SQLITE, Row, rows

NUMBERS_A_REQUEST = 20
DANGLING = [
    f"select {table}.* from {table} left join {target} using (account_id, {key}) "
    f"where {target}.account_id is null"
    for table, target, key in (
        ("blocked_number", "block_group", "block_group_id"),
        ("blocked_number", "batch", "batch_id"),
        ("phone_number_skill", "phone_number", "phone_number_id"),
        ("phone_number_skill", "skill", "skill_id"),
    )
]


@dataclass
class Request:
    """Numbers that one request writes: a phone number, or a batch into the group of a name."""

    name: str
    numbers: tuple[str, ...]
    acknowledged: bool = False


@dataclass
class Writer:
    """One caller: it writes until its server is gone, and remembers what was acknowledged."""

    number: int
    phones: list[Request] = field(default_factory=list)
    batches: list[Request] = field(default_factory=list)
    surprises: list[Answer] = field(default_factory=list)
    _serial: Iterator[int] = field(default_factory=itertools.count)
    _groups: list[tuple[str, int]] = field(default_factory=list)

    def run(self, client: Client) -> None:
        """Take turns at creating a phone number, creating a group, extending it."""
        with suppress(OSError, HTTPException), client:
            for turn in itertools.cycle((self._phone, self._group, self._extend)):
                turn(client)

    def _phone(self, client: Client) -> None:
        serial = next(self._serial)
        number = f"+9170{self.number:02}{serial:06}"
        request = Request(f"Phone-{self.number}-{serial}", (number,))
        self.phones.append(request)
        answer = client.phone("create", phoneName=request.name, phoneNumber=number)
        self._keep(request, answer, done=answer.message == SAVED)

    def _group(self, client: Client) -> None:
        batch = self._batch(f"Group-{self.number}-{next(self._serial)}")
        fields = {"name": batch.name, "description": "Crash", "blockNumbers": batch.numbers}
        answer = client.block("POST", **fields)
        self._keep(batch, answer, done=answer.message == "created" and is_whole(answer))
        if batch.acknowledged:
            self._groups.append((batch.name, answer.output["lastInsertId"]))

    def _extend(self, client: Client) -> None:
        name, group_id = self._groups[-1]
        batch = self._batch(name)
        answer = client.block("PUT", id=group_id, blockNumbers=batch.numbers)
        self._keep(batch, answer, done=answer.message == "updated" and is_whole(answer))

    def _batch(self, name: str) -> Request:
        serials = itertools.islice(self._serial, NUMBERS_A_REQUEST)
        batch = Request(name, tuple(f"+9198{self.number:02}{serial:06}" for serial in serials))
        self.batches.append(batch)
        return batch

    def _keep(self, request: Request, answer: Answer, *, done: bool) -> None:
        request.acknowledged = done
        if not done:
            self.surprises.append(answer)


@dataclass(frozen=True)
class Found:
    """What callers asked for so far, and what a store holds."""

    phones: Sequence[Request]
    batches: Sequence[Request]
    stored: Sequence[str]
    groups: Sequence[str]
    blocked: Sequence[tuple[str, str]]
    used: int
    damage: Sequence[Row]
    dangling: Sequence[Row]


def written(writers: Sequence[Writer]) -> int:
    """Return how many requests were begun so far."""
    return sum(len(writer.phones) + len(writer.batches) for writer in writers)


def looked_at(store: str, writers: Sequence[Writer]) -> Found:
    """Read the store behind the back of whoever serves it."""
    blocked = "select name, pattern from blocked_number join block_group using (block_group_id)"
    used = rows(store, "select phone_numbers_used from account")
    return Found(
        [replace(each) for writer in writers for each in writer.phones],
        [replace(each) for writer in writers for each in writer.batches],
        [name for (name,) in rows(store, "select name from phone_number")],
        [name for (name,) in rows(store, "select name from block_group")],
        [(name, pattern) for name, pattern in rows(store, blocked)],
        used[0][0],
        damage(store),
        [row for sql in DANGLING for row in rows(store, sql)],
    )


def damage(store: str) -> list[Row]:
    """Return what SQLite finds wrong with its file; PostgreSQL has not crashed, and no file."""
    if not store.startswith(SQLITE):
        return []
    found = rows(store, "pragma integrity_check") + rows(store, "pragma foreign_key_check")
    return [row for row in found if row != ("ok",)]


def is_whole(answer: Answer) -> bool:
    """Whether the server says that it took every number."""
    return (len(answer.output["succes"]), answer.output["error"]) == (NUMBERS_A_REQUEST, [])


def names(requests: Sequence[Request], *, acknowledged: bool) -> set[str]:
    """Return the names of all requests, or only of those acknowledged."""
    return {each.name for each in requests if each.acknowledged or not acknowledged}


def entries(batch: Request) -> set[tuple[str, str]]:
    """Return what a request puts into the store: each number beside its group."""
    return {(batch.name, number) for number in batch.numbers}
