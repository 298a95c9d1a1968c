"""What tests of the fast path are given."""

import asyncio

import pytest
import uvloop

from tests.http.fast_server import PATIENCE_S, Serve, Served, Visit


@pytest.fixture(params=[asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def serve(request: pytest.FixtureRequest) -> Serve:
    """Return what serves while somebody visits, on either event loop."""

    def run(visit: Visit, keep_alive_s: int = 5) -> None:
        async def visited() -> None:
            served = Served(keep_alive_s)
            server = await served.open()
            async with asyncio.timeout(PATIENCE_S):
                await visit(served)
                await served.close()
            server.close()
            await server.wait_closed()

        request.param(visited())

    return run
