"""What an operator's machines ask: is it up, is it ready, how is it doing. No key is needed."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ringfence.core.readiness import check_ready
from ringfence.errors import RingfenceError, StoreTooNew, StoreTooOld
from ringfence.http.answers import Answer, json_answer, send_answer
from ringfence.http.handover import Handover
from ringfence.http.metrics import MEDIA_TYPE, Metrics
from ringfence.store import Store

READY_WITHIN_S = 2.5
"""How long the store may take to show that it can be read."""

_Answering = Callable[[Scope], Awaitable[Answer]]


class _Look:
    """A path that can only be looked at."""

    def __init__(self, answer: _Answering) -> None:
        self._answer = answer

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        method = scope["method"]
        if method in {"GET", "HEAD"}:
            answer = await self._answer(scope)
        else:
            content = {"status": "error", "message": "method not allowed"}
            answer = json_answer(405, content, {"allow": "GET, HEAD"})
        await send_answer(send, answer, head=method == "HEAD")


def health_route() -> Route:
    """Return the path that says that the process is up; the store is not asked."""
    return Route("/healthz", _Look(_say_healthy))


def operations_routes(store: Store, handover: Handover, metrics: Metrics) -> list[Route]:
    """Return the paths that say whether the service can do its work, and how it is doing."""

    async def tell_metrics(_: Scope) -> Answer:
        return Answer(200, metrics.text(), media_type=MEDIA_TYPE)

    readiness = _Readiness(store, handover)
    return [Route("/readyz", _Look(readiness.answer)), Route("/metrics", _Look(tell_metrics))]


async def _say_healthy(_: Scope) -> Answer:
    return json_answer(200, {"status": "ok"})


class _Readiness:
    """Asks the store once for all who want to know at the same time.

    So a store that hangs gathers no questions, and nobody can keep it busy by asking.
    """

    def __init__(self, store: Store, handover: Handover) -> None:
        self._store = store
        self._handover = handover
        self._asked: asyncio.Task[None] | None = None

    async def answer(self, scope: Scope) -> Answer:
        """Say that the service is ready, or in words that hold no secret why it is not."""
        try:
            await asyncio.wait_for(asyncio.shield(self._ask()), READY_WITHIN_S)
        except TimeoutError:
            reason = f"the store does not answer within {READY_WITHIN_S:g} seconds"
        except (StoreTooOld, StoreTooNew) as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001  whatever it is, the store cannot be read
            known = isinstance(error, RingfenceError)
            scope["log"]["reason"] = str(error) if known else type(error).__name__
            reason = "the store cannot answer now"
        else:
            return json_answer(200, {"status": "ready"})
        scope["log"]["outcome"] = "unavailable"
        return json_answer(503, {"status": "unavailable", "reason": reason})

    def _ask(self) -> "asyncio.Task[None]":
        loop = asyncio.get_running_loop()
        asked = self._asked
        if asked is None or asked.done() or asked.get_loop() is not loop:
            asked = self._asked = loop.create_task(self._check())
            asked.add_done_callback(_hear)
        return asked

    async def _check(self) -> None:
        await self._handover.run(lambda: check_ready(self._store))


def _hear(asked: "asyncio.Task[None]") -> None:
    """Take the error of a question that nobody waits for any more."""
    if not asked.cancelled():
        asked.exception()
