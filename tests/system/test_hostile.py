"""Whatever is sent: a contract answer or a clear 4xx, a server that lives on, nothing written."""

import json
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.system.client import (
    GROUP_REFUSED,
    GROUPS,
    MANDATORY,
    PHONE_REFUSED,
    PHONES,
    SAVED,
    Answer,
    Client,
    exchange,
)
from tests.system.conftest import MakeFolder
from tests.system.hostile_requests import (
    ABANDONED_RAW,
    BAD_IDS,
    BAD_VALUES,
    FIELDS,
    FORM,
    JSON,
    MEGABYTE,
    MULTIPART,
    NUL,
    REFUSED_RAW,
    TOO_MUCH,
    UNREADABLE,
    Body,
    Raw,
    as_form,
    as_json,
    as_multipart,
    bad_authorizations,
    bodies,
    chunk,
)
from tests.system.racing import race
from tests.system.server_process import PATIENCE_S, ServerProcess, wait_until
from tests.system.stores import content, restore

BODY_METHODS = ["POST", "PUT", "DELETE"]
KNOWN_FIELDS = [
    *("id", "Id", "name", "description", "blockNumbers", "blockNumber", "expiryDate"),
    *("action", "userName", "apiKey", "phoneName", "phoneNumber", "skill"),
]
CONTENT_TYPES = [JSON, FORM, MULTIPART, "multipart/form-data", "text/plain", ""]

LIMITS: dict[str, Any] = {
    "max_body_bytes": 2**20,
    "max_head_bytes": 2**16,
    "max_parameters": 10_000,
}

# Whatever the length of the run, no test may push the server beyond this above its idle state.
MEMORY_MB = 150
TRAILERS_MB = 64


def ascii_start(value: str) -> str:
    """Return the start of a value, to name a test by it."""
    return ascii(value[:20])


@pytest.fixture(scope="module")
def server(make_folder: MakeFolder) -> Iterator[ServerProcess]:
    """Return a server whose group 1 could be harmed by every hostile body."""
    folder = make_folder()
    with ServerProcess(folder, auth_delay_max_s=0, **LIMITS) as started:
        make_group(started)
        yield started


@contextmanager
def unharmed(server: ServerProcess) -> Iterator[None]:
    """Check that what happens inside writes nothing and leaves the server well."""
    before = content(server.store)
    yield
    after = content(server.store)
    if after != before:
        restore(server.store, before)
    assert server.is_well()
    assert after == before


def send(server: ServerProcess, method: str, body: Body, target: str = GROUPS) -> Answer:
    """Send a hostile body with the right credentials."""
    headers = {**server.account.basic, "Content-Type": body.content_type}
    return server.request(method, target, body.content, headers)


def send_raw(
    server: ServerProcess, raw: Raw, *, hang_up: bool = False, pause_s: float = 0.0
) -> list[int]:
    """Send bytes as they are and return the status of every answer."""
    basic = server.account.credentials.encode()
    parts = [part.replace(b"{basic}", basic) for part in raw.parts]
    options: dict[str, Any] = {"hang_up": hang_up, "pause_s": pause_s}
    received = exchange(server.host, server.port, *parts, timeout_s=PATIENCE_S, **options)
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", received)]


@pytest.mark.parametrize("method", BODY_METHODS)
@pytest.mark.parametrize(
    ("content_type", "body"),
    [(JSON, as_json()), (FORM, as_form()), (MULTIPART, as_multipart())],
    ids=["json", "form", "multipart"],
)
def test_the_bodies_are_good_before_they_are_spoilt(
    server: ServerProcess, method: str, content_type: str, body: bytes
) -> None:
    """Were they not, no test here would show that a spoilt one is refused for being spoilt."""
    before = content(server.store)
    answer = send(server, method, Body("good", content_type, body))
    assert answer.content["status"] == "success"
    assert content(server.store) != before
    restore(server.store, before)


@pytest.mark.parametrize("method", BODY_METHODS)
@pytest.mark.parametrize("body", UNREADABLE, ids=str)
def test_an_unreadable_body_has_no_parameters(
    server: ServerProcess, body: Body, method: str
) -> None:
    """The contract's answer to what cannot be read, on every method of the B door."""
    with unharmed(server):
        answer = send(server, method, body)
    assert (answer.status, answer.content) == (200, {"status": "error", "message": MANDATORY})


@pytest.mark.parametrize("body", UNREADABLE, ids=str)
def test_an_unreadable_body_has_no_credentials(server: ServerProcess, body: Body) -> None:
    """On the A door a form may carry them; none are found in what cannot be read."""
    with unharmed(server):
        answer = send(server, "POST", body, PHONES)
    # Anybody's body is read there, so the door may take smaller ones only.
    assert answer.status == 413 or (answer.status, answer.message) == (200, PHONE_REFUSED)
    assert answer.content["status"] == "error"


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(
    ("told", "body"),
    [(told, body) for told, bodies in BAD_VALUES.items() for body in bodies],
    ids=str,
)
def test_a_bad_value_is_invalid_data(
    server: ServerProcess, method: str, told: str, body: Body
) -> None:
    """Each field of a group keeps its rule against every kind of value."""
    with unharmed(server):
        answer = send(server, method, body)
    assert (answer.status, answer.message) == (200, "invalid data")
    assert list(answer.content["errors"]) == [told]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize("body", BAD_IDS, ids=str)
def test_a_bad_id_is_no_group(server: ServerProcess, method: str, body: Body) -> None:
    """No value that is not exactly the number of a group finds one."""
    with unharmed(server):
        answer = send(server, method, body)
    assert (answer.status, answer.message) == (200, "Invalid group id")


@pytest.mark.parametrize("content_type", [FORM, MULTIPART], ids=["form", "multipart"])
@pytest.mark.parametrize("name", [*FIELDS, "expiryDate"])
def test_a_nul_in_a_form_is_refused(server: ServerProcess, name: str, content_type: str) -> None:
    """A character that no database must be asked to store, in each field in turn."""
    spoilt = {name: f"{FIELDS.get(name, '2099-01-01 00:00:00')}{NUL}"}
    body = as_form(**spoilt) if content_type == FORM else as_multipart(**spoilt)
    with unharmed(server):
        answer = send(server, "PUT", Body("NUL", content_type, body))
    assert (answer.status, answer.content["status"]) == (200, "error")


@pytest.mark.parametrize("action", ["create", "edit", "delete"])
@pytest.mark.parametrize(
    "spoilt", ["%00", "%FF", "%ED%A0%80", "%", "%zz", "x" * 60_000], ids=ascii_start
)
@pytest.mark.parametrize("name", ["action", "userName", "apiKey", "phoneName", "phoneNumber"])
def test_a_bad_query_is_refused(server: ServerProcess, action: str, name: str, spoilt: str) -> None:
    """NUL, no UTF-8, no escape, far too long: in each field of the A door in turn."""
    account = server.account
    good = {"action": action, "userName": account.user_name, "apiKey": account.key}
    good |= {"phoneName": "Hostile", "phoneNumber": "8041234567"}
    query = urlencode(good).replace(f"{name}={good[name]}", f"{name}={good[name]}{spoilt}")
    with unharmed(server):
        answer = server.request("GET", f"{PHONES}?{query}")
    assert (answer.status, answer.content["status"]) == (200, "error")


@pytest.mark.parametrize("name", ["phoneNumberNew", "PhoneNameNew"])
@pytest.mark.parametrize(
    "spoilt", [NUL, f"8041{NUL}", "\udcff", " ", "9" * 30_000], ids=ascii_start
)
def test_a_bad_edit_is_refused(server: ServerProcess, name: str, spoilt: str) -> None:
    """The new name and number of a record keep the rules of a first one."""
    fields = {"phoneName": "Edited", "phoneNumber": "8041234599"}
    with server.client() as client:
        client.phone("create", **fields)
        with unharmed(server):
            change = urlencode({name: spoilt}, errors="surrogateescape")
            answer = client.request(
                "GET", f"{client.account.phone_target('edit', **fields)}&{change}"
            )
    assert (answer.status, answer.content["status"]) == (200, "error")


@pytest.mark.parametrize("body", TOO_MUCH, ids=str)
def test_too_much_of_a_body_is_refused(server: ServerProcess, body: Body) -> None:
    """413 where it is too large, 400 where it has too many parameters, on both doors."""
    with unharmed(server):
        answers = [send(server, "POST", body, target) for target in (GROUPS, PHONES)]
    assert answers[0].status == TOO_MUCH[body]
    assert answers[1].status in {TOO_MUCH[body], 413}
    assert all(answer.content["status"] == "error" for answer in answers)


@pytest.mark.parametrize("raw", REFUSED_RAW, ids=str)
def test_bytes_that_are_no_request_are_refused(server: ServerProcess, raw: Raw) -> None:
    """One clear 4xx, and the connection is closed."""
    with unharmed(server):
        statuses = send_raw(server, raw)
    assert len(statuses) == 1, statuses
    assert statuses[0] in range(400, 500)


@pytest.mark.parametrize("raw", ABANDONED_RAW, ids=str)
def test_a_request_that_is_never_finished_does_nothing(server: ServerProcess, raw: Raw) -> None:
    """The caller hangs up in the middle, however far it came."""
    with unharmed(server):
        statuses = send_raw(server, raw, hang_up=True)
    assert statuses == []


def test_a_head_with_bare_line_feeds_does_nothing(server: ServerProcess) -> None:
    """Lines end with CR LF; whether it is refused or waited for, it is no request."""
    target = server.account.phone_target("create", phoneName="Feed", phoneNumber="8041230002")
    with unharmed(server):
        statuses = send_raw(
            server, Raw("feeds", (f"GET {target} HTTP/1.1\nHost: x\n\n".encode(),)), hang_up=True
        )
    assert all(400 <= status < 500 for status in statuses)


def test_requests_that_take_too_long_are_refused(tmp_path: Path) -> None:
    """A caller that neither goes on nor hangs up costs a connection for a bounded time only."""
    with (
        ServerProcess(tmp_path, request_timeout_s=1.5) as server,
        ThreadPoolExecutor(len(ABANDONED_RAW)) as pool,
        unharmed(server),
    ):
        told = list(pool.map(lambda raw: send_raw(server, raw), ABANDONED_RAW))
    assert told == [[408]] * len(ABANDONED_RAW)


def test_connections_are_bounded(tmp_path: Path) -> None:
    """One more than may be open is told so at once; when one is closed there is room again."""
    ask = Raw("ask", (b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",))
    with ServerProcess(tmp_path, max_connections=2) as server, server.client() as first:
        with server.client() as second:
            assert second.request("GET", "/healthz").status == 200
            assert send_raw(server, ask) == [503]
        wait_until(lambda: send_raw(server, ask) == [200], "there is room again")
        assert first.request("GET", "/healthz").status == 200


def test_a_body_longer_than_its_length_is_cut_there(server: ServerProcess) -> None:
    """What comes after the length given is not part of the request, nor a request."""
    short = b"name=Hostile&description=Hostile+callers"
    head = f"POST {GROUPS} HTTP/1.1\r\nAuthorization: Basic {{basic}}\r\nContent-Type: {FORM}\r\n"
    tail = b"&blockNumbers=9812345678"
    request = f"{head}Content-Length: {len(short)}\r\n\r\n".encode() + short + tail
    with unharmed(server):
        statuses = send_raw(server, Raw("longer", (request,)))
    assert all(status == 200 or 400 <= status < 500 for status in statuses), statuses


@pytest.mark.parametrize(
    ("path", "method"),
    [
        *((PHONES, method) for method in ("HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE")),
        *((GROUPS, method) for method in ("HEAD", "GET", "OPTIONS", "PATCH", "TRACE")),
        *((path, method) for path in (PHONES, GROUPS) for method in ("PROPFIND", "PURGE", "LINK")),
    ],
)
def test_another_method_is_not_allowed(server: ServerProcess, path: str, method: str) -> None:
    """405 with the methods that are, though the request is a good one otherwise; no creation."""
    query = server.account.phone_target("create", phoneName="Hostile", phoneNumber="8041234567")
    target = query if path == PHONES else path
    with unharmed(server):
        answer = send(server, method, Body("good", FORM, as_form()), target)
    allowed = {PHONES: {"GET", "POST"}, GROUPS: {"POST", "PUT", "DELETE"}}[path]
    assert answer.status == 405
    assert set(answer.headers["allow"].split(", ")) == allowed
    assert (answer.body == b"") == (method == "HEAD")


@pytest.mark.parametrize("method", BODY_METHODS)
@pytest.mark.parametrize("spoilt", bad_authorizations("", ""))
def test_bad_credentials_let_nobody_in(server: ServerProcess, method: str, spoilt: str) -> None:
    """The contract's one answer to all of them, on every method of the B door."""
    account = server.account
    header = bad_authorizations(account.user_name, account.key)[spoilt]
    headers = {"Authorization": header, "Content-Type": JSON}
    with unharmed(server):
        answer = server.request(method, GROUPS, as_json(), headers)
    assert (answer.status, answer.content) == (200, {"status": "error", "message": GROUP_REFUSED})


@pytest.mark.parametrize(
    "spoilt",
    [
        *("userName=", "apiKey=", "apiKey[]=x", "userName[]=x", "apikey=x", "username=x"),
        *("userName=%00", "apiKey=%00", "apiKey=+", "userName=" + "x" * 50_000),
        *("apiKey=" + "x" * 50_000, "userName=%FF%FE", "apiKey=%FF%FE"),
    ],
    ids=ascii_start,
)
def test_bad_credentials_in_a_query_let_nobody_in(server: ServerProcess, spoilt: str) -> None:
    """The last value of a name counts, and half of the credentials is none."""
    account = server.account
    good = {"userName": account.user_name, "apiKey": account.key}
    kept = {name: value for name, value in good.items() if name.lower() not in spoilt.lower()}
    rest = urlencode({"phoneName": "Hostile", "phoneNumber": "8041234567", **kept})
    with unharmed(server):
        answer = server.request("GET", f"{PHONES}?action=create&{rest}&{spoilt}")
    assert (answer.status, answer.message) == (200, PHONE_REFUSED)


def test_http_1_0_is_answered(server: ServerProcess) -> None:
    """The oldest of callers send no Host and expect the connection to be closed."""
    target = server.account.phone_target("create", phoneName="Old", phoneNumber="8041230001")
    received = exchange(
        server.host, server.port, f"GET {target} HTTP/1.0\r\n\r\n".encode(), timeout_s=PATIENCE_S
    )
    assert received.endswith(f'{{"status":"success","message":"{SAVED}"}}'.encode())


def test_pipelined_requests_are_answered_in_order(server: ServerProcess) -> None:
    """A hundred requests in one go, of three kinds by turns."""
    paths = ["/healthz", "/nothing", PHONES] * 33
    requests = "".join(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n" for path in paths)
    last = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with unharmed(server):
        statuses = send_raw(server, Raw("pipelined", ((requests + last).encode(),)))
    assert statuses == [200, 404, 200] * 33 + [200]


def test_who_reads_no_answers_is_not_read_from(server: ServerProcess) -> None:
    """Nothing gathers for a caller who only sends; their leaving is nothing to log a failure for.

    What is under way fits into the buffers of the system and a few readings of the server.
    """
    head = f"Host: x\r\nAuthorization: Bearer {server.account.key}\r\n\r\n"
    requests = f"GET /v1/screen?calling=&explain=0 HTTP/1.1\r\n{head}".encode() * 2_000
    sent = 0
    with socket.socket() as connection:
        # Small on this side: the system makes buffers larger for as long as they are used.
        for buffer in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            connection.setsockopt(socket.SOL_SOCKET, buffer, 65_536)
        connection.connect((server.host, server.port))
        connection.settimeout(1)
        # Or they are hung up on, for a request that they began and that nobody reads to its end.
        with suppress(TimeoutError, ConnectionError):
            while sent < 24 * MEGABYTE:
                sent += connection.send(requests)
    assert sent < 24 * MEGABYTE
    assert server.is_well()
    assert "Exception in ASGI" not in server.logs()


def test_a_caller_that_asks_first_may_continue(server: ServerProcess) -> None:
    """Expect: 100-continue, as curl sends it with a large body."""
    raw = raw_group("Continued", "Expect: 100-continue")
    assert send_raw(server, raw) == [100, 200]
    assert group_exists(server, "Continued")


@pytest.mark.parametrize("protocol", ["h2c", "websocket", "TLS/1.0"])
def test_an_offer_to_upgrade_is_ignored(server: ServerProcess, protocol: str) -> None:
    """`curl --http2` and Java's own client make it with every request, and mean the request."""
    offer = {"Connection": "Upgrade", "Upgrade": protocol, "Content-Type": FORM}
    headers = {**server.account.basic, **offer}
    answer = server.request("POST", GROUPS, as_form(name=f"Not {protocol}"), headers)
    assert answer.message == "created"


CUTS: dict[str, Callable[[bytes], list[bytes]]] = {
    "line by line": lambda request: request.splitlines(keepends=True),
    "inside the offer": lambda request: [*request.partition(b"\r\nUpgr")],
    "behind another": lambda request: [b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + request],
}


@pytest.mark.parametrize("cut", CUTS)
def test_an_offer_to_upgrade_is_ignored_however_it_arrives(server: ServerProcess, cut: str) -> None:
    """The network cuts a request where it likes, and a caller may send several in one go."""
    (request,) = raw_group(f"Cut {cut}", "Connection: Upgrade", "Upgrade: h2c").parts
    statuses = send_raw(server, Raw(cut, tuple(CUTS[cut](request))), pause_s=0.03)
    assert set(statuses) == {200}
    assert group_exists(server, f"Cut {cut}")


def test_a_caller_that_closes_its_sending_side_is_answered(server: ServerProcess) -> None:
    """It said all that it had to say, and waits for the answer to a write that was made."""
    assert send_raw(server, raw_group("Half closed"), hang_up=True) == [200]


def test_credentials_in_a_trailer_let_nobody_in(server: ServerProcess) -> None:
    """Whoever checks the headers in front of the server never sees them (RFC 9110, 6.5.1)."""
    head = f"POST {GROUPS} HTTP/1.1\r\nConnection: close\r\nContent-Type: {FORM}\r\n"
    trailers = b"0\r\nAuthorization: Basic {basic}\r\n\r\n"
    body = chunk(as_form(name="Trailer")) + trailers
    with unharmed(server):
        send_raw(
            server, Raw("trailer", (f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + body,))
        )


@pytest.mark.parametrize("body_mb", [0, 16])
def test_trailers_are_not_gathered_without_bound(tmp_path: Path, body_mb: int) -> None:
    """What comes after the last chunk costs no memory, however much, whatever came before."""
    head = f"POST {GROUPS} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = [chunk(b"x" * MEGABYTE)] * body_mb
    trailer = [b"x" * MEGABYTE] * TRAILERS_MB
    raw = Raw("trailers", (head.encode(), *body, b"0\r\nX: ", *trailer, b"\r\n\r\n"))
    with ServerProcess(tmp_path) as server:
        assert server.is_well()
        before = server.peak_memory_mb()
        send_raw(server, raw, hang_up=True)
        assert server.is_well()
        assert server.peak_memory_mb() - before < TRAILERS_MB / 2


def test_the_whole_run_costs_little_memory(folder: Path) -> None:
    """Sixteen callers at once, four for each quarter of all bodies and raw bytes above."""
    with ServerProcess(folder, auth_delay_max_s=0) as server:
        assert server.is_well()
        before = server.peak_memory_mb()

        def replay(_: Client, number: int) -> None:
            for body in list(bodies())[number % 4 :: 4]:
                send(server, "POST", body)
            for raw in REFUSED_RAW[number % 4 :: 4]:
                send_raw(server, raw)

        race(server, replay)
        assert server.is_well()
        assert server.peak_memory_mb() - before < MEMORY_MB


@given(
    method=st.sampled_from(["GET", *BODY_METHODS]),
    path=st.sampled_from([PHONES, GROUPS]),
    content_type=st.sampled_from(CONTENT_TYPES),
    body=st.binary(max_size=300),
)
@settings(max_examples=150, deadline=None)
def test_any_bytes_get_an_answer(
    server: ServerProcess, method: str, path: str, content_type: str, body: bytes
) -> None:
    """No bytes under any media type make the server fail."""
    assert_contract_answer(send(server, method, Body("any", content_type, body), path))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@given(
    method=st.sampled_from(BODY_METHODS),
    path=st.sampled_from([PHONES, GROUPS]),
    fields=st.dictionaries(st.sampled_from(KNOWN_FIELDS), JSON_VALUES),
)
@settings(max_examples=150, deadline=None)
def test_any_json_gets_an_answer(
    server: ServerProcess, method: str, path: str, fields: Mapping[str, object]
) -> None:
    """No value in any known field makes the server fail."""
    body = Body("any", JSON, json.dumps(fields).encode())
    assert_contract_answer(send(server, method, body, path))


def assert_contract_answer(answer: Answer) -> None:
    """Check that an answer is one that the contract knows, or a clear refusal."""
    assert answer.status == 200 or 400 <= answer.status < 500, answer
    assert answer.content["status"] in {"success", "error"}


def raw_group(name: str, *headers: str) -> Raw:
    """Return a whole request that makes a group, with more headers."""
    body = as_form(name=name)
    head = "\r\n".join(
        [
            f"POST {GROUPS} HTTP/1.1",
            "Host: ringfence",
            "Authorization: Basic {basic}",
            f"Content-Type: {FORM}",
            f"Content-Length: {len(body)}",
            "Connection: close",
            *headers,
        ]
    )
    return Raw(name, (f"{head}\r\n\r\n".encode() + body,))


def make_group(server: ServerProcess) -> None:
    """Make group 1, with the number of the hostile bodies."""
    numbers = FIELDS["blockNumbers"]
    with server.client() as client:
        made = client.block("POST", name="First", description="First", blockNumbers=numbers)
    assert made.output["lastInsertId"] == 1


def group_exists(server: ServerProcess, name: str) -> bool:
    """Whether there is a group of this name."""
    return any(name in row for row in content(server.store)["block_group"])
