"""Files of numbers at /v1/imports: looked at, applied beside other requests, taken back."""

import asyncio
import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest

from ringfence.core.imports.steps import LEFT_AFTER, apply_import, step_import
from ringfence.http import importing
from ringfence.model.accounts import Role
from ringfence.model.changes import Origin
from ringfence.model.imports import CHUNK_ROWS
from tests.api.house import BLOCKED, OWN_NUMBER, File, House, build, settle
from tests.api.running import Guest, during, hang_up_after
from tests.asgi import Answer, Message
from tests.conftest import Clock
from tests.core.importing import rows, staged
from tests.store.contents import contents

IMPORTS = "/v1/imports"
ON_ONE_DATABASE = pytest.mark.parametrize("engine", ["sqlite"])
INTO = f"{IMPORTS}?into=block-groups/1"
NEW = "+919812300777"
ROWS = ("number,expires_at,reason", f"{NEW},,spam", f"{BLOCKED},,again", "x,,", f"{OWN_NUMBER},,us")
FILE = File("\n".join((*ROWS, f"{NEW},,spam", "112,,")).encode())
NONE = dict.fromkeys(("new", "extended", "duplicate", "invalid", "protected"), 0)
OTHER_TYPE = (415, "media_type_unsupported")
COUNTS = NONE | {"new": 1, "duplicate": 2, "invalid": 1, "protected": 2}
MANY = File("".join(f"+9198123{place:05}\n" for place in range(2_500)).encode())


@pytest.fixture
def house(bare: House) -> House:
    """Return a house with a group that blocks a number, and a phone number."""
    bare.admin.post("/v1/phone-numbers", name="Desk1", number=OWN_NUMBER)
    make_group(bare)
    bare.admin.post("/v1/block-groups/1/numbers", numbers=[BLOCKED])
    return bare


def make_group(house: House) -> None:
    """Make the first group."""
    house.admin.post("/v1/block-groups", name="Nuisance")


def listed(house: House) -> list[Any]:
    """Return the imports that are listed."""
    return list(house.admin.get(IMPORTS)["items"])


def blocked(house: House) -> set[str]:
    """Return what the first group blocks."""
    found = house.admin.get("/v1/block-groups/1/numbers?limit=200")
    return {each["number"] for each in found["items"]}


def test_a_file_is_looked_at(house: House) -> None:
    """What its rows would do is the answer; nothing else is changed."""
    before = contents(house.store)
    answer = house.admin.ask("POST", INTO, FILE)
    assert answer.status == 201
    [made] = listed(house)
    assert answer.header("location") == f"{IMPORTS}/{made['id']}"
    assert house.admin.get(f"{IMPORTS}/{made['id']}") == made
    assert (made["into"], made["state"], made["rows"]) == ("block-groups/1", "previewed", 6)
    assert made["preview"]["counts"] == COUNTS
    lines = {outcome: row["line"] for outcome, row in made["preview"]["first"].items()}
    assert lines == {"new": 2, "duplicate": 3, "invalid": 4, "protected": 5}
    assert (made["applied"], made["progress"]) == (None, {"done": 0, "total": 3})
    after = contents(house.store)
    assert {name for name in after if after[name] != before[name]} == {
        *("import", "import_chunk", "import_failure")
    }


@ON_ONE_DATABASE
def test_the_rows_that_failed_are_a_file(house: House) -> None:
    """With their lines, and what is wrong with each."""
    made = house.admin.done("POST", INTO, FILE)
    answer = house.admin.ask("GET", f"{IMPORTS}/{made['id']}/failed")
    assert answer.header("content-type") == "text/csv; charset=utf-8"
    head, *failed = csv.reader(StringIO(answer.body.decode(), newline=""))
    assert head == ["line", "number", "expires_at", "reason", "code", "problem"]
    assert len(failed) == made["failed"] == 3
    assert {(row[0], row[1]) for row in failed} == {("4", "x"), ("5", OWN_NUMBER), ("7", "112")}


def test_it_is_applied_and_taken_back(house: House) -> None:
    """By itself, beside other requests; then everything is as it was."""
    before = blocked(house)
    made = house.admin.done("POST", INTO, FILE)

    async def visit(guest: Guest) -> None:
        told = await guest.asks("POST", f"{IMPORTS}/{made['id']}/apply")
        assert told["state"] in {"applying", "applied"}
        told = await guest.until(made["id"], "applied")
        assert (told["applied"], told["failed"]) == (COUNTS, 3)
        assert told["progress"] == {"done": 3, "total": 3}
        assert (await guest.asks("POST", f"{IMPORTS}/{made['id']}/apply")) == told
        now = await guest.asks("GET", "/v1/block-groups/1/numbers")
        assert {each["number"] for each in now["items"]} == before | {NEW}
        told = await guest.asks("POST", f"{IMPORTS}/{made['id']}/undo")
        assert told["state"] == "undoing"
        told = await guest.until(made["id"], "undone")
        assert (told["applied"], told["progress"]) == (COUNTS, {"done": 3, "total": 3})

    during(house, visit)
    assert blocked(house) == before
    again = house.admin.refused("POST", f"{IMPORTS}/{made['id']}/apply")
    assert again == (409, "import_not_applicable")


def test_what_a_dead_process_left_is_taken_up(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a server that runs, a while after the last step; not before."""
    monkeypatch.setattr(importing, "LOOK_EVERY_S", 0.01)
    made = house.admin.done("POST", INTO, MANY)
    origin = Origin("cli", None, house.clock.now)
    apply_import(house.store, house.account, made["id"], origin)
    step_import(house.store, house.account, made["id"], house.clock.now)

    async def visit(guest: Guest) -> None:
        await asyncio.sleep(0.05)
        assert (await guest.until(made["id"], "applying"))["progress"]["done"] == CHUNK_ROWS
        house.clock.now += LEFT_AFTER + timedelta(milliseconds=1)
        told = await guest.until(made["id"], "applied")
        assert (told["applied"]["new"], told["progress"]["done"]) == (2_499, 2_500)

    during(house, visit)
    assert len(contents(house.store)["blocked_number"]) == 2_500


@ON_ONE_DATABASE
def test_imports_are_told_in_pages(house: House) -> None:
    """The newest first."""
    made = []
    for _ in range(5):
        origin = Origin("v1", 1, house.clock.now)
        made.append(staged(house.store, house.account, rows(1), origin).import_id)
        house.clock.now += timedelta(seconds=1)
    told, target = [], f"{IMPORTS}?limit=2"
    while True:
        page = house.admin.get(target)
        told += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        target = f"{IMPORTS}?limit=2&after={page['next']}"
    assert told == made[::-1]


@ON_ONE_DATABASE
def test_an_import_is_its_accounts_own(house: House) -> None:
    """For whoever else it is not there."""
    made = house.admin.done("POST", INTO, FILE)
    bob = settle(house.store, house.app, house.clock, "bob").admin
    for method, more in (("GET", ""), ("GET", "/failed"), ("POST", "/apply"), ("POST", "/undo")):
        refused = bob.refused(method, f"{IMPORTS}/{made['id']}{more}")
        assert refused == (404, "import_not_found")
    assert bob.get(IMPORTS)["items"] == []
    assert listed(house) == [made]


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("body", "headers", "refusal"),
    [
        (File(b"number\n" + 2_000 * b"1"), {}, (413, "body_too_large")),
        (
            FILE,
            {"Content-Type": "multipart/form-data; boundary=x"},
            OTHER_TYPE,
        ),
        (FILE, {"Content-Type": "application/json"}, OTHER_TYPE),
        (File(b""), {}, (422, "invalid_input")),
        (File(b"number\n"), {}, (422, "invalid_input")),
        (File(b"reason\nwhy\n"), {}, (422, "invalid_input")),
    ],
)
def test_a_file_that_is_refused_leaves_nothing(
    store: Any,  # noqa: ANN401  an open store
    clock: Clock,
    body: File,
    headers: dict[str, str],
    refusal: tuple[int, str],
) -> None:
    """Whatever is wrong with it."""
    house = build(store, clock, max_upload_bytes=1_000)
    make_group(house)
    before = contents(house.store)
    assert house.admin.refused("POST", INTO, body, headers) == refusal
    assert contents(house.store) == before


@ON_ONE_DATABASE
def test_a_client_that_goes_away_leaves_nothing(house: House) -> None:
    """In the middle of its file; nobody is told anything, and nothing is logged as a failure."""
    before = contents(house.store)
    answer = asyncio.run(hung_up(house, b"number\n", f"{NEW}\n".encode() * 999))
    assert answer.status in {0, 400}
    assert contents(house.store) == before


async def hung_up(house: House, *parts: bytes) -> Answer:
    """Return what is answered to a client that goes away."""
    answer = Answer()

    async def send(message: Message) -> None:
        answer.status = message.get("status", answer.status)

    await house.app(upload_scope(house), hang_up_after(*parts), send)
    return answer


def upload_scope(house: House) -> Message:
    """Return the head of a request that brings a file."""
    headers = [(b"authorization", f"Bearer {house.admin.key}".encode()), (b"host", b"x")]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": IMPORTS,
        "raw_path": IMPORTS.encode(),
        "query_string": b"into=block-groups/1",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 80),
        "state": {},
    }


@ON_ONE_DATABASE
@pytest.mark.parametrize("into", ["block-groups/9", "block-groups"])
def test_a_group_that_is_not_there(house: House, into: str) -> None:
    """Is said before the file is read; a file without the column of groups cannot say where."""
    refused = house.admin.refused("POST", f"{IMPORTS}?into={into}", FILE)
    assert refused in {(404, "block_group_not_found"), (422, "invalid_input")}
    assert listed(house) == []


@ON_ONE_DATABASE
def test_agents_import_nothing(house: House) -> None:
    """Nor do they see what others import."""
    for role in (Role.AGENT, Role.ENFORCER):
        assert house.caller(role).refused("POST", INTO, FILE)[0] == 403
        assert house.caller(role).refused("GET", IMPORTS)[0] == 403
