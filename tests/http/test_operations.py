"""What machines ask without a key: healthy, ready, how busy."""

import asyncio
import json
from collections.abc import Callable, Sequence
from threading import Event
from time import monotonic
from typing import Any, NoReturn, cast

import pytest
from starlette.types import ASGIApp

from ringfence.app import create_apps
from ringfence.config import Settings
from ringfence.errors import Unavailable
from ringfence.store import OpenStore
from ringfence.store.database import Job
from tests.asgi import Answer, ask, call

SECRET = "postgresql://bob:s3cret@db/ringfence"
PATIENCE_S = 10.0
MORE_THAN_THREADS = 16
"""So many jobs that none of a store's threads is left."""

AT_ITS_OWN_ADDRESS: dict[str, Any] = {"operations_listen": "127.0.0.1:0"}


class OddStore:
    """A store that does what a store does, but not in everything."""

    def __init__(self, store: OpenStore, **odd: Callable[..., object]) -> None:
        self._store = store
        self._odd = odd

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever the store has
        """Return what is odd, else what the store has."""
        return self._odd.get(name) or getattr(self._store, name)


def main_app(store: object, **options: Any) -> ASGIApp:  # noqa: ANN401  any setting
    """Return the application of the main address."""
    return create_apps(cast("OpenStore", store), Settings(**options)).main


def unready(answer: Answer) -> str:
    """Return the reason of a refusal."""
    content = json.loads(answer.body)
    assert (answer.status, content["status"]) == (503, "unavailable")
    return str(content["reason"])


def test_a_service_with_a_store_is_ready(store: OpenStore) -> None:
    """The answer is one that a machine compares."""
    answer = call(main_app(store), "GET", "/readyz")
    assert (answer.status, answer.body) == (200, b'{"status":"ready"}')


def test_an_older_or_newer_schema_is_not_ready(store: OpenStore) -> None:
    """The reason names both schemas."""
    app = main_app(store)
    store.write(lambda tx: tx.run("insert into schema_migration values (9999, 'later', 0)"))
    assert "at schema 9999" in unready(call(app, "GET", "/readyz"))
    store.write(lambda tx: tx.run("delete from schema_migration"))
    assert "ringfence db upgrade" in unready(call(app, "GET", "/readyz"))


@pytest.mark.parametrize("error", [Unavailable(reason=SECRET), RuntimeError(SECRET)])
def test_a_store_that_cannot_be_read_is_not_ready(store: OpenStore, error: Exception) -> None:
    """What the database said is for the log; anybody may ask."""

    def read(_: object) -> NoReturn:
        raise error

    answer = call(main_app(OddStore(store, read=read)), "GET", "/readyz")
    assert unready(answer) == "the store cannot answer now"


def test_a_store_that_hangs_is_not_ready(store: OpenStore) -> None:
    """That is told in time, however often it is asked, and the store is asked only once."""
    asked: list[Sequence[Job]] = []
    app = main_app(OddStore(store, perform=asked.append))

    async def go_on() -> list[Answer]:
        return await asyncio.gather(*(ask(app, "GET", "/readyz") for _ in range(20)))

    started = monotonic()
    reasons = {unready(answer) for answer in asyncio.run(go_on())}
    assert monotonic() - started < 3
    assert reasons == {"the store does not answer within 2.5 seconds"}
    assert len(asked) == 1


def test_a_store_that_comes_back_is_ready_again(store: OpenStore) -> None:
    """Though the question before was never answered in time."""
    go = Event()
    app = main_app(store)
    blocking = Job(lambda: go.wait(PATIENCE_S), lambda *_: None)
    store.perform([blocking] * MORE_THAN_THREADS)

    async def go_on() -> int:
        first = await ask(app, "GET", "/readyz")
        go.set()
        async with asyncio.timeout(PATIENCE_S):
            # Who asks at once may still share the answer to the question before.
            while (await ask(app, "GET", "/readyz")).status != 200:
                pass
        return first.status

    assert asyncio.run(go_on()) == 503


def test_readiness_is_told_while_too_many_wait(store: OpenStore) -> None:
    """A full queue is no reason to be silent."""
    app = main_app(OddStore(store, perform=lambda _: None), max_waiting_requests=1)

    async def go_on() -> Answer:
        path = "/CAServices/PhoneManageV2.php"
        waiting = asyncio.ensure_future(ask(app, "GET", path))
        await asyncio.sleep(0.01)
        answer = await asyncio.wait_for(ask(app, "GET", "/readyz"), 1)
        waiting.cancel()
        return answer

    assert unready(asyncio.run(go_on())) == "the store cannot answer now"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_they_can_only_be_looked_at(store: OpenStore, path: str) -> None:
    """HEAD has the head of GET; everything else is refused."""
    app = main_app(store)
    got, headed, refused = (call(app, method, path) for method in ("GET", "HEAD", "DELETE"))
    assert (got.status, headed.status, headed.body) == (200, 200, b"")
    assert got.header("content-type") == headed.header("content-type")
    assert (refused.status, refused.header("allow")) == (405, "GET, HEAD")
    assert json.loads(refused.body)["message"] == "method not allowed"


def test_metrics_tell_what_was_asked(store: OpenStore) -> None:
    """In the format of Prometheus, and with the store's own figures."""
    app = main_app(store)
    call(app, "GET", "/healthz")
    call(app, "BREW", "/coffee")
    answer = call(app, "GET", "/metrics")
    text = answer.body.decode()
    assert (answer.header("content-type") or "").startswith("text/plain; version=0.0.4")
    told = 'ringfence_requests_total{method="GET",outcome="ok",route="/healthz",status="200"} 1.0'
    other = 'method="other",outcome="refused",route="other",status="404"} 1.0'
    assert told in text
    assert other in text
    assert "ringfence_requests_waiting 0.0" in text
    assert "ringfence_store_jobs_waiting 0.0" in text


def test_metrics_tell_the_outcome_of_the_wire(store: OpenStore) -> None:
    """The HTTP status is 200 there, whatever happened."""
    app = main_app(store, auth_delay_max_s=0)
    call(app, "GET", "/CAServices/PhoneManageV2.php?userName=nobody&apiKey=wrong")
    text = call(app, "GET", "/metrics").body.decode()
    labels = 'outcome="not_authenticated",route="/CAServices/PhoneManageV2.php",status="200"'
    assert labels in text


def test_an_address_of_their_own_takes_them_from_the_main_one(store: OpenStore) -> None:
    """Health is told at both: it gives nothing away."""
    apps = create_apps(store, Settings(**AT_ITS_OWN_ADDRESS))
    assert apps.operations is not None
    paths = ("/healthz", "/readyz", "/metrics", "/CAServices/PhoneManageV2.php")
    assert [call(apps.main, "GET", path).status for path in paths] == [200, 404, 404, 200]
    assert [call(apps.operations, "GET", path).status for path in paths] == [200, 200, 200, 404]
