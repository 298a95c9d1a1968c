"""The one place where the parts are joined: settings and store become an application."""

from datetime import UTC, datetime

from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from ringfence.cloudagent.context import Clock, Context
from ringfence.cloudagent.failure_delay import FailureDelay
from ringfence.cloudagent.routes import routes as cloudagent_routes
from ringfence.config import Settings, read_networks
from ringfence.http.answers import json_answer, send_answer
from ringfence.http.handover import Handover
from ringfence.http.proxies import behind_proxies
from ringfence.http.request_log import RequestLog
from ringfence.store import Store


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


def create_app(store: Store, settings: Settings, clock: Clock = utc_now) -> ASGIApp:
    """Return the ASGI application that serves every door on `store`.

    The store is the caller's to close, after the application has shut down.
    """
    handover = Handover(store, settings.max_waiting_requests)
    delay = FailureDelay(settings.auth_delay_max_s)
    context = Context(store, settings, clock, handover, delay)
    # A bare router: Starlette's own application would answer a failure before the request log.
    router = Router(
        routes=[Route("/healthz", _Health()), *cloudagent_routes(context)],
        redirect_slashes=False,
        default=_not_found,
    )
    return behind_proxies(RequestLog(router), read_networks(settings.trusted_proxies))


class _Health:
    """Says that the process is up and its event loop turns; the store is not asked."""

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        method = scope["method"]
        if method in {"GET", "HEAD"}:
            answer = json_answer(200, {"status": "ok"})
        else:
            content = {"status": "error", "message": "method not allowed"}
            answer = json_answer(405, content, {"allow": "GET, HEAD"})
        await send_answer(send, answer, head=method == "HEAD")


async def _not_found(scope: Scope, _receive: Receive, send: Send) -> None:
    """Say so without the path: a mistyped query ends up there, with the key."""
    if scope["type"] == "http":
        await send_answer(send, json_answer(404, {"status": "error", "message": "not found"}))
