"""The servers that the benchmarks talk to, each a process of its own."""

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

KEY = "bench-key-0123456789"
USER = "bench"


@dataclass(frozen=True, slots=True)
class Server:
    """A server process that listens on `port`."""

    port: int
    process: subprocess.Popen[str]


@contextmanager
def serving(*arguments: str) -> Iterator[Server]:
    """Run `python ARGUMENTS`, which prints its address first, and stop it afterwards."""
    environment = os.environ | {"RINGFENCE_LOG_LEVEL": "info", "RINGFENCE_AUTH_DELAY_MAX_S": "0"}
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield Server(int(line.rsplit(":", 1)[1]), process)
    finally:
        process.terminate()
        process.wait()


def ringfence(url: str) -> AbstractContextManager[Server]:
    """Serve the store at `url` as anybody would."""
    return serving("-m", "ringfence", "serve", "--no-demo", "--port", "0", "--database", url)


def ask(
    server: Server,
    method: str,
    target: str,
    body: bytes | BinaryIO | None = None,
    media_type: str = "application/json",
    key: str = KEY,
) -> Any:  # noqa: ANN401  JSON
    """Return what a server tells, which must not refuse."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": media_type}
    with closing(http.client.HTTPConnection("127.0.0.1", server.port)) as client:
        client.request(method, target, body, headers)
        answer = client.getresponse()
        told = answer.read()
    assert answer.status < http.client.BAD_REQUEST, told
    return json.loads(told)


def figures(server: Server) -> str:
    """Return what /metrics tells."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port)) as client:
        client.request("GET", "/metrics")
        return client.getresponse().read().decode()
