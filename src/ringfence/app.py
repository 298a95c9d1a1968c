"""The one place where the parts are joined: settings and store become an application."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, NamedTuple

from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from ringfence.api import context as api_context
from ringfence.api.application import create_api
from ringfence.api.endpoints import PREFIX
from ringfence.api.fast_screening import FastScreening
from ringfence.api.quick_answers import QuickAnswers
from ringfence.api.quick_screening import PATH, QuickScreening
from ringfence.clock import utc_now
from ringfence.cloudagent.context import Context
from ringfence.cloudagent.older_paths import PathUses
from ringfence.cloudagent.routes import routes as cloudagent_routes
from ringfence.config import Settings, read_networks
from ringfence.core.screening import NearbyScreening
from ringfence.http.activity import Activity
from ringfence.http.answers import json_answer, send_answer
from ringfence.http.doors import Clock
from ringfence.http.failure_delay import FailureDelay
from ringfence.http.fast_path import Answerer
from ringfence.http.file_threads import FileThreads
from ringfence.http.handover import Handover
from ringfence.http.housekeeping import keeping_house
from ringfence.http.importing import Importer
from ringfence.http.letting_go import letting_go
from ringfence.http.metrics import Metrics
from ringfence.http.operations import health_route, operations_routes
from ringfence.http.proxies import behind_proxies
from ringfence.http.request_log import RequestLog
from ringfence.http.warming import warming
from ringfence.store import OpenStore
from ringfence.store.database import Nearby


@dataclass(frozen=True, slots=True)
class Apps:
    """What is served at each address, and the figures that both share.

    `answerer` has quick answers to some of the requests to `main`, None where there are none.
    `operations` is None where the settings give it no address of its own.
    """

    main: ASGIApp
    answerer: Answerer[Any] | None
    operations: ASGIApp | None
    metrics: Metrics


def create_app(store: OpenStore, settings: Settings, clock: Clock = utc_now) -> ASGIApp:
    """Return the ASGI application of the main address; see `create_apps`."""
    return create_apps(store, settings, clock).main


def create_apps(store: OpenStore, settings: Settings, clock: Clock = utc_now) -> Apps:
    """Return the ASGI applications that serve every door on `store`.

    The store is the caller's to close, after the applications have shut down.
    """
    handover = Handover(store, settings.max_waiting_requests)
    delay = FailureDelay(settings.auth_delay_max_s)
    uses = PathUses(store, handover)
    wire = cloudagent_routes(Context(store, settings, clock, handover, delay, uses))
    lengthy = Handover(store, settings.max_waiting_requests, aside=True)
    unhurried = Handover(store, settings.max_waiting_requests, aside=True, gives_way=False)
    importer = Importer(store, lengthy, clock)
    activity = Activity(store, unhurried, clock)
    files = FileThreads()
    context = api_context.Context(
        *(store, settings, clock, lengthy, delay),
        *(importer, files, activity),
    )
    api = create_api(context)
    health = health_route()
    paths = [*(route.path for route in (*wire, health)), *api.paths]
    metrics = _metrics(store, [handover, lengthy, unhurried], paths)
    activity.tell(metrics)
    operations = operations_routes(store, handover, metrics)
    nearby = store.nearby(settings.sqlite_mmap_bytes)
    behind = _Behind(api.app, lambda: _running(context, uses, nearby))
    if not settings.operations_listen:
        main = _app([health, *operations, *wire], settings, metrics, behind)
        return Apps(*_quickly(main, context, metrics, nearby), None, metrics)
    main = _app([health, *wire], settings, metrics, behind)
    apart = _app([health, *operations], settings, metrics)
    return Apps(*_quickly(main, context, metrics, nearby), apart, metrics)


def _quickly(
    main: ASGIApp, context: api_context.Context, metrics: Metrics, nearby: Nearby | None
) -> tuple[ASGIApp, Answerer[Any] | None]:
    """Return `main` with quick answers, and who has them, where the store is near enough."""
    if nearby is None:
        return main, None
    screening = NearbyScreening(nearby, context.policies)
    answers = QuickAnswers(context, screening, metrics.tally(PATH, "GET", 200))
    return QuickScreening(answers, main), FastScreening(answers)


@asynccontextmanager
async def _running(
    context: api_context.Context, uses: PathUses, nearby: Nearby | None
) -> AsyncIterator[None]:
    """Do what goes on beside requests, from the start of the server to its end."""
    house = keeping_house(context.store, context.handover, context.clock)
    work = context.importer.running(), context.activity.running()
    async with warming(context.store), letting_go(nearby), house, work[0], work[1]:
        yield
    context.files.close()
    await uses.close()


def _metrics(store: OpenStore, handovers: Sequence[Handover], paths: Sequence[str]) -> Metrics:
    metrics = Metrics([*paths, "/readyz", "/metrics"])
    waiting = "Requests that wait for the store."
    metrics.follow("requests_waiting", waiting, lambda: sum(each.waiting for each in handovers))
    metrics.follow_store(store.stats)
    return metrics


class _Behind(NamedTuple):
    """What is behind the routes of the main address: /v1, and what runs beside requests."""

    api: ASGIApp
    running: Callable[[], AbstractAsyncContextManager[None]]


def _app(
    routes: Sequence[Route], settings: Settings, metrics: Metrics, behind: _Behind | None = None
) -> ASGIApp:
    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        async with behind.running() if behind else nullcontext():
            yield

    # A bare router: Starlette's own application would answer a failure before the request log.
    router = Router(
        routes=routes,
        redirect_slashes=False,
        default=_Rest(behind and behind.api),
        lifespan=lifespan,
    )
    trusted = read_networks(settings.trusted_proxies)
    return behind_proxies(RequestLog(router, metrics.observe), trusted)


class _Rest:
    """What is at no path of the wire: /v1, where it is served, or nothing."""

    def __init__(self, api: ASGIApp | None) -> None:
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say so without the path: a mistyped query ends up there, with the key."""
        if scope["type"] != "http":
            return
        if self._api is not None and f"{scope['path']}/".startswith(f"{PREFIX}/"):
            await self._api(scope, receive, send)
        else:
            content = {"status": "error", "message": "not found"}
            await send_answer(send, json_answer(404, content))
