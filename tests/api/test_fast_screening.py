"""What the fast path reads without a parser, a parser would read alike."""

import httptools
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ringfence.api.fast_screening import FastScreening
from ringfence.api.quick_questions import Question, read_question
from ringfence.app import create_apps
from ringfence.config import Settings
from ringfence.core.credentials import create_key
from ringfence.core.screening import credential_of
from ringfence.errors import Unavailable
from ringfence.http.fast_path import Answerer, Asked
from ringfence.model.accounts import KeyDraft, Role
from ringfence.store.sqlite.nearby import SqliteNearby
from ringfence.store.sqlite.store import SqliteStore
from tests.conftest import Clock
from tests.core.people import ORIGIN, new_account

PIECES = [b"calling=", b"%2B", b"91", b"98123", b"&", b"explain=0", b"#", b" ", b"?", b"%", b"+"]
queries = st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=2)), max_size=9).map(
    b"".join
)


class Seen:
    """What a parser tells of a request."""

    def __init__(self, data: bytes) -> None:
        self.url = b""
        self.whole = 0
        httptools.HttpRequestParser(self).feed_data(data)

    def on_url(self, url: bytes) -> None:
        """Note a part of the target."""
        self.url += url

    def on_message_complete(self) -> None:
        """Count the requests."""
        self.whole += 1


@pytest.fixture
def engine() -> str:
    """Return the one engine that has the fast path."""
    return "sqlite"


@pytest.fixture(scope="module")
def reader() -> FastScreening:
    """Return what reads; it has no answers."""
    return FastScreening(None)  # type: ignore[arg-type]


@given(queries)
@example(b"calling=%2B919812300001")
@example(b"calling=1 HTTP/1.1\r\nHost: y\r\n\r\nGET /v1/screen?calling=2")
def test_what_it_reads_a_parser_reads_alike(reader: FastScreening, query: bytes) -> None:
    """The target is one, it is whole, and its query is what was asked."""
    question = reader.read(query)
    if question is None:
        return
    seen = Seen(b"GET /v1/screen?" + query + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    assert seen.whole == 1
    assert (httptools.parse_url(seen.url).query or b"") == query
    assert question == read_question(query)


@pytest.fixture
def fast(store: SqliteStore, clock: Clock) -> Answerer[Question]:
    """Return what answers for a store."""
    answerer = create_apps(store, Settings.model_validate({}), clock).answerer
    assert answerer is not None
    return answerer


@pytest.fixture
def key(store: SqliteStore) -> str:
    """Return the key of a switch."""
    return create_key(store, new_account(store), ORIGIN, KeyDraft(Role.ENFORCER, "Switch"))[1]


def test_what_has_no_answer_is_left_alone(fast: Answerer[Question], key: str) -> None:
    """A key that lets nobody in stands between two that do; only they are answered."""
    good = credential_of(key.encode())
    asked = [asked_by(each) for each in (good, bytes(32), good)]
    assert [each is not None for each in fast.answer_all(asked)] == [True, False, True]


def test_a_key_is_known_once_it_has_let_somebody_in(fast: Answerer[Question], key: str) -> None:
    """So that nobody without a key makes the heads of others forgotten."""
    proof = [(b"authorization", f"Bearer {key}".encode())]
    assert fast.credential(proof) is None
    fast.answer_all([asked_by(credential_of(key.encode()))])
    assert fast.credential(proof) == credential_of(key.encode())
    assert fast.credential([*proof, *proof]) is None
    assert fast.credential([(b"authorization", b"Basic x")]) is None


def test_answers_that_are_made_are_not_made_again(
    fast: Answerer[Question], key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the reading of the file ends; and the next ones are made as ever."""
    rolled_back = SqliteNearby.end
    fails = [RuntimeError("unexpected"), Unavailable(reason="disk")]

    def end(self: SqliteNearby) -> None:
        if self.transaction.connection.in_transaction and fails:
            raise fails.pop()
        rolled_back(self)

    monkeypatch.setattr(SqliteNearby, "end", end)
    asked = [asked_by(credential_of(key.encode()))] * 2
    for _ in range(4):
        assert None not in fast.answer_all(asked)
    assert fails == []


def asked_by(credential: bytes) -> Asked[Question]:
    """Return a plain question."""
    question = read_question(b"calling=%2B919812300001")
    assert question is not None
    return Asked(None, b"", credential, question, 0.0)  # type: ignore[arg-type]
