"""What screening is measured against: a key is checked, and the answer is always the same.

Run as a program it prints its address and serves that on Ringfence's own server.
"""

from hashlib import sha256

from starlette.types import Receive, Scope, Send

from bench.screening_stores import ACCOUNTS, key_of
from ringfence.cli.options import read_settings
from ringfence.http.metrics import Metrics
from ringfence.http.server import Served, listen, run_server
from ringfence.logs import configure_logs

_BODY = b'{"disposition":"pass","reason":"not_blocked","answer":null}'
_HEADERS = [
    (b"content-type", b"application/json"),
    (b"content-length", str(len(_BODY)).encode()),
]
_KEYS = {sha256(key_of(each).encode()).digest(): each for each in range(1, ACCOUNTS + 1)}


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer whoever has a key; start and stop when the server does."""
    if scope["type"] == "lifespan":
        for step in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{step}.complete"})
        return
    key = next((value[7:] for name, value in scope["headers"] if name == b"authorization"), b"")
    status = 200 if sha256(key).digest() in _KEYS else 401
    await send({"type": "http.response.start", "status": status, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _BODY})


def main() -> None:
    """Serve until stopped."""
    settings = read_settings()
    configure_logs(settings.log_level, settings.log_format)
    with listen("127.0.0.1", 0) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        served = [Served(answer, listener)]
        run_server(served, settings, Metrics([]), lambda: print(address, flush=True))


if __name__ == "__main__":
    main()
