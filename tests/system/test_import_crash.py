"""`kill -9` of the service at any point of an import and of its undoing, while others write."""

import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ringfence.core.accounts import get_account
from ringfence.model.imports import CHUNK_ROWS
from ringfence.store import open_store
from tests.core.records import Held, followed, stored
from tests.system.client import Account
from tests.system.conftest import MakeFolder
from tests.system.import_writers import Address, Crew, Place, Writer, ask
from tests.system.server_process import ServerProcess, ringfence, store_url, wait_until
from tests.system.stores import Row, opened, rows
from tests.system.writers import DANGLING, damage

KILLS = 10
"""How often the server is killed while an import is applied, and again while it is taken back."""

GROUPS = range(1, 82)
FILLED = GROUPS[:-1]
"""The groups of which the file has rows: a chunk each."""

ROWS_A_GROUP = CHUNK_ROWS
WRITERS = 3
LONGEST_WAIT_S = 0.02
ENDS = datetime(2040, 1, 1, tzinfo=UTC)
FILE = [
    (group, f"+91{6_000_000_000 + group * 100_000 + place}")
    for group in FILLED
    for place in range(ROWS_A_GROUP)
]
USER = "importer"
ENTRIES = (
    "select block_group_id, pattern, expires_at, reason, batch_id "
    "from blocked_number join batch using (account_id, batch_id)"
)
CHANGES = "select change_id, action, subject, entries from change order by change_id"


@dataclass(frozen=True)
class Found:
    """What there is after many crashes: of the import, of the entries, of the changes."""

    told: dict[str, Any]
    entries: dict[Place, tuple[int | None, str]]
    held: dict[str, Held]
    followed: dict[str, Held]
    changes: Sequence[Row]
    wrong: Sequence[Row]
    crashes: int


@dataclass(frozen=True)
class Story:
    """The import applied, and taken back, each through crashes, and what others wrote by then."""

    applied: Found
    undone: Found
    by_hand: Sequence[dict[Place, str | None]]
    writers: Sequence[Writer]


class Crashing:
    """A store whose servers are killed."""

    def __init__(self, folder: Path, writers: Sequence[Writer]) -> None:
        printed = ringfence(folder, "account", "create", USER)
        key = dict(line.split(None, 1) for line in printed.splitlines())["apiKey"]
        self._folder, self._writers = folder, writers
        self._rng = random.Random(20)
        self._account = Account(USER, key)
        self._address = Address(self._account)
        self._import_id = ""

    def furnish(self) -> None:
        """Make the groups, and have the file looked at."""
        lines = (f"{number},Group {group},2040-01-01 00:00Z,file" for group, number in FILE)
        file = "\n".join(["number,group,expires_at,reason", *lines]).encode()
        with ServerProcess(self._folder) as server, server.client(self._account) as client:
            for group in GROUPS:
                body = json.dumps({"name": f"Group {group}"}).encode()
                assert ask(client, "POST", "/v1/block-groups", body).status == 201
            answer = ask(client, "POST", "/v1/imports?into=block-groups", file, "text/csv")
            assert answer.status == 201, answer
            self._import_id = answer.content["id"]

    def through(self, verb: str, ends: str) -> Found:
        """Have the import applied or taken back by as many servers as it takes."""
        crew = Crew(self._writers, self._address)
        try:
            goals = sorted(self._rng.sample(range(1, len(FILLED) - 4), KILLS))
            crashes = sum(self._crash(verb, goal) for goal in goals)
            with ServerProcess(self._folder) as server, self._address.of(server):
                self._begin(server, verb)
                wait_until(lambda: self._told(server)["state"] == ends, ends)
                crew.stop()
                told = self._told(server)
        finally:
            crew.stop()
        return self._found(told, crashes)

    def _crash(self, verb: str, goal: int) -> bool:
        """Kill a server moments after a number of chunks is done; return if there were more."""
        is_undo = verb == "undo"
        look = f"select chunks_done, state from import where import_id = '{self._import_id}'"
        with ServerProcess(self._folder) as server, opened(server.store) as store:
            with self._address.of(server):
                self._begin(server, verb)

                def is_there() -> bool:
                    done = store.rows(look)[0][0]
                    return bool(len(FILLED) - done >= goal if is_undo else done >= goal)

                wait_until(is_there, f"{goal} chunks")
                time.sleep(self._rng.random() * LONGEST_WAIT_S)
                server.kill()
            return store.rows(look)[0][1] in {"applying", "undoing"}

    def _begin(self, server: ServerProcess, verb: str) -> None:
        with server.client(self._account) as client:
            answer = ask(client, "POST", f"/v1/imports/{self._import_id}/{verb}")
            assert answer.status == 202, answer

    def _told(self, server: ServerProcess) -> dict[str, Any]:
        with server.client(self._account) as client:
            return ask(client, "GET", f"/v1/imports/{self._import_id}").content

    def _found(self, told: dict[str, Any], crashes: int) -> Found:
        url = store_url(self._folder)
        entries = {(row[0], row[1]): (row[2], row[3]) for row in rows(url, ENTRIES)}
        wrong = [*damage(url), *(row for sql in DANGLING for row in rows(url, sql))]
        store = open_store(url)
        try:
            account = get_account(store, USER)
            by_record = followed(store, account), stored(store, account)
        finally:
            store.close()
        return Found(told, entries, by_record[1], by_record[0], rows(url, CHANGES), wrong, crashes)


@pytest.fixture(scope="module")
def story(make_folder: MakeFolder) -> Story:
    """Crash servers over and over, first while an import is applied, then while it is undone."""
    writers = [Writer(f"writer {n}", places(n), random.Random(n)) for n in range(WRITERS)]
    crashing = Crashing(make_folder(), writers)
    crashing.furnish()
    applied = crashing.through("apply", "applied")
    by_hand = [dict(writer.blocked) for writer in writers]
    undone = crashing.through("undo", "undone")
    return Story(applied, undone, by_hand, writers)


def places(writer: int) -> list[Place]:
    """Return the numbers that a writer writes: some that the file has, and as many others."""
    own = [(group, number) for group, number in FILE if int(number) % 60 == writer]
    others = [f"+91{7_000_000_000 + writer * 10 + n}" for n in range(9)]
    return own + [(group, number) for number in others for group in GROUPS]


def blocked_by_hand(known: Sequence[dict[Place, str | None]]) -> dict[Place, tuple[None, str]]:
    """Return what is blocked by hand, and why."""
    every = {place: reason for blocked in known for place, reason in blocked.items()}
    return {place: (None, reason) for place, reason in every.items() if reason is not None}


def test_the_crashes_were_in_the_middle(story: Story) -> None:
    """Of an import that was under way, nearly always; and others wrote meanwhile, undisturbed."""
    assert min(story.applied.crashes, story.undone.crashes) >= KILLS - 2
    assert all(writer.acknowledged > 20 for writer in story.writers)
    assert [answer for writer in story.writers for answer in writer.surprises] == []


def test_the_import_is_applied_once(story: Story) -> None:
    """Every row did one thing; every chunk is one change at most, which says what it put there."""
    told = story.applied.told
    assert (told["state"], told["failed"]) == ("applied", 0)
    assert told["progress"] == {"done": len(FILE), "total": len(FILE)}
    changes = [each for each in story.applied.changes if each[1] == "blocked_numbers.imported"]
    assert len({subject for _, _, subject, _ in changes}) == len(changes) <= len(FILLED)
    put = sum(len(json.loads(entries)["rows"]) for _, _, _, entries in changes)
    counts = told["applied"]
    assert counts["new"] + counts["extended"] == put
    assert put + counts["duplicate"] == len(FILE)


def test_what_was_imported_is_there(story: Story) -> None:
    """With what others wrote: what they blocked for good stays so, what they unblocked may be."""
    entries, by_hand = story.applied.entries, blocked_by_hand(story.by_hand)
    written = {place for blocked in story.by_hand for place in blocked}
    imported = dict.fromkeys(FILE, (int(ENDS.timestamp() * 1000), "file"))
    sure = {place: held for place, held in imported.items() if place not in written} | by_hand
    maybe = {place: held for place, held in imported.items() if place not in sure}
    assert sure.items() <= entries.items() <= (maybe | sure).items()
    assert maybe


def test_what_others_wrote_is_left(story: Story) -> None:
    """When the import is taken back: no acknowledged write is lost, and nothing else is there."""
    assert story.undone.told["state"] == "undone"
    assert story.undone.told["progress"] == {"done": len(FILE), "total": len(FILE)}
    by_hand = blocked_by_hand([writer.blocked for writer in story.writers])
    assert story.undone.entries == by_hand
    assert by_hand


def test_taking_back_is_one_change_for_each_chunk(story: Story) -> None:
    """And nothing is put there any more."""
    since = story.undone.changes[len(story.applied.changes) :]
    assert story.undone.changes[: len(story.applied.changes)] == story.applied.changes
    subjects = [each[2] for each in since if each[1] == "blocked_numbers.taken_back"]
    assert len(set(subjects)) == len(subjects) <= len(FILLED)
    assert {each[1] for each in since} == {
        *("blocked_numbers.taken_back", "blocked_numbers.added", "blocked_numbers.removed")
    }


def test_the_record_says_what_is_there(story: Story) -> None:
    """Whoever only follows the changes has what the database has; and the database is sound."""
    for found in (story.applied, story.undone):
        followed = {group: held for group, held in found.followed.items() if held}
        assert followed == found.held
        assert found.wrong == []
        ids = [each[0] for each in found.changes]
        assert ids == list(range(1, len(ids) + 1))
