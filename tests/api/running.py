"""The application as under a server, with what it does beside requests."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from tests.api.house import House
from tests.asgi import App, Message, Receive, ask

PATIENCE_S = 30.0


class Guest:
    """Whoever asks while the application runs, as an admin."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._proof = {"Authorization": f"Bearer {house.admin.key}"}

    async def asks(self, method: str, target: str) -> Any:  # noqa: ANN401  any JSON
        """Return what a request without a body is told, which must succeed."""
        answer = await ask(self._house.app, method, target, self._proof.items())
        assert answer.status in {200, 202}, answer
        return json.loads(answer.body)

    async def until(self, import_id: str, state: str) -> Any:  # noqa: ANN401  any JSON
        """Ask for an import until it is in a state."""
        while True:
            told = await self.asks("GET", f"/v1/imports/{import_id}")
            if told["state"] == state:
                return told
            await asyncio.sleep(0.005)


def during(house: House, visit: Callable[[Guest], Awaitable[None]]) -> None:
    """Let a guest come while the application runs."""

    async def run() -> None:
        async with asyncio.timeout(PATIENCE_S), running(house.app):
            await visit(Guest(house))

    asyncio.run(run())


@asynccontextmanager
async def running(app: App) -> AsyncIterator[None]:
    """Start an application, and end it."""
    asked: asyncio.Queue[Message] = asyncio.Queue()
    told: asyncio.Queue[str] = asyncio.Queue()

    async def send(message: Message) -> None:
        await told.put(message["type"])

    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    task = asyncio.ensure_future(_run(app, scope, asked.get, send))
    await asked.put({"type": "lifespan.startup"})
    assert await told.get() == "lifespan.startup.complete"
    try:
        yield
    finally:
        await asked.put({"type": "lifespan.shutdown"})
        assert await told.get() == "lifespan.shutdown.complete"
        await task


async def _run(
    app: App, scope: Message, receive: Receive, send: Callable[[Message], Awaitable[None]]
) -> None:
    await app(scope, receive, send)


def hang_up_after(*parts: bytes) -> Receive:
    """Return what a client sends that goes away before it has sent everything."""
    left = iter(parts)

    async def receive() -> Message:
        part = next(left, None)
        if part is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": part, "more_body": True}

    return receive
