"""A `ringfence serve` in a process of its own, and the other commands beside it."""

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from ssl import SSLContext
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tests.system.client import Account, Answer, Client, Headers

PATIENCE_S = 30.0
"""How long anything may take before a test gives up; only a hang takes that long."""

POLL_S = 0.01
STORE_URL = "store.url"


class ServerProcess:
    """One server on the store of `folder`, from its banner to its end.

    `settings` reach it through its environment, which has nothing else that could steer it. With
    `tls` it is spoken to in HTTPS.
    """

    def __init__(
        self, folder: Path, *flags: str, tls: SSLContext | None = None, **settings: object
    ) -> None:
        self._tls = tls
        self.store = store_url(folder)
        self.banner = ""
        self._folder = folder
        self._command = command(folder, "serve", "--port", "0", *flags)
        self._environment = environment(**settings)
        self._log = folder / "stderr.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start the server and read its banner."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        try:
            self.banner = self._read_banner()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _where: TracebackType | None,
    ) -> None:
        """End the server, whatever state it is in."""
        self._end()

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The process, once it was started."""
        assert self._process is not None, "the server was not started"
        return self._process

    @property
    def address(self) -> str:
        """The URL that the banner prints."""
        found = re.search(r"https?://\S+", self.banner)
        assert found is not None, f"the banner prints no address: {self.banner!r}"
        return found[0]

    @property
    def host(self) -> str:
        """The host of the address."""
        return urlsplit(self.address).hostname or ""

    @property
    def port(self) -> int:
        """The port of the address."""
        return urlsplit(self.address).port or 0

    @property
    def account(self) -> Account:
        """The demo account, as the banner prints it."""
        user_name = re.search(r"^ +user name +(\S+)$", self.banner, re.MULTILINE)
        key = re.search(r"^ +API key +(\S+)$", self.banner, re.MULTILINE)
        assert user_name is not None, f"the banner prints no user name: {self.banner!r}"
        assert key is not None, f"the banner prints no key: {self.banner!r}"
        return Account(user_name[1], key[1])

    @property
    def operations(self) -> tuple[str, int]:
        """Host and port of the address for readiness and metrics, as the banner prints it."""
        found = re.search(r"http://(\S+):(\d+)/readyz", self.banner)
        assert found is not None, f"the banner prints no such address: {self.banner!r}"
        return found[1], int(found[2])

    def operation(self, target: str) -> Answer:
        """Look at `target` at the address for readiness and metrics."""
        with Client(*self.operations, None, PATIENCE_S, kept=False) as client:
            return client.request("GET", target)

    def client(self, account: Account | None = None, *, kept: bool = True) -> Client:
        """Return a caller for `account` or the demo account; see Client for `kept`."""
        return Client(
            self.host, self.port, account or self.account, PATIENCE_S, kept=kept, tls=self._tls
        )

    def request(
        self, method: str, target: str, body: bytes | None = None, headers: Headers | None = None
    ) -> Answer:
        """Send one request on a fresh connection."""
        with Client(self.host, self.port, None, PATIENCE_S, kept=False, tls=self._tls) as client:
            return client.request(method, target, body, headers)

    def is_well(self) -> bool:
        """Whether the server says that it is up."""
        answer = self.request("GET", "/healthz")
        return (answer.status, answer.body) == (200, b'{"status":"ok"}')

    def logs(self) -> str:
        """Return everything that servers of this folder wrote to standard error so far."""
        return self._log.read_text("utf-8")

    def peak_memory_mb(self) -> float:
        """Return the most memory that the server held so far; elsewhere than on Linux, holds."""
        status = Path(f"/proc/{self.process.pid}/status")
        if status.exists():
            found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text("utf-8"))
            assert found is not None, "the kernel tells no peak"
            return int(found[1]) / 1024
        told = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(self.process.pid)], capture_output=True, check=True
        )
        return int(told.stdout) / 1024

    def terminate(self) -> None:
        """Send SIGTERM, and do not wait."""
        self.process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Wait for the end of the process and return its exit code."""
        return self.process.wait(PATIENCE_S)

    def stop(self) -> int:
        """Send SIGTERM, wait, and return the exit code."""
        self.terminate()
        return self.wait()

    def kill(self) -> None:
        """Send SIGKILL, which nothing can prepare for, and wait."""
        self.process.kill()
        self.wait()

    def later_output(self) -> str:
        """Return what the ended server wrote to standard output after its banner."""
        assert self.process.poll() is not None, "the server still runs"
        assert self.process.stdout is not None
        return self.process.stdout.read().decode()

    def _read_banner(self) -> str:
        assert self.process.stdout is not None
        pipe = self.process.stdout.fileno()
        until = time.monotonic() + PATIENCE_S
        text = b""
        # The banner is one write, so what ends in a line end is all of it.
        while not text.endswith(b"\n"):
            ready, _, _ = select.select([pipe], [], [], until - time.monotonic())
            assert ready, f"no banner in {PATIENCE_S} s: {self.logs()}"
            part = os.read(pipe, 65536)
            assert part, f"the server ended without a banner: {self.logs()}"
            text += part
        return text.decode()

    def _end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE_S)
        assert self.process.stdout is not None
        self.process.stdout.close()


def store_url(folder: Path) -> str:
    """Return the address of the store of `folder`: a file in it, or what `use_store` named."""
    named = folder / STORE_URL
    return named.read_text("utf-8") if named.exists() else f"sqlite:///{folder / 'ringfence.db'}"


def use_store(folder: Path, url: str) -> None:
    """Have every command on `folder` work on the store at `url`."""
    (folder / STORE_URL).write_text(url, "utf-8")


def command(folder: Path, *arguments: str) -> list[str]:
    """Return a `ringfence` command on the store of `folder`."""
    return [sys.executable, "-m", "ringfence", *arguments, "--database", store_url(folder)]


def environment(**settings: object) -> dict[str, str]:
    """Return an environment with `settings` and nothing else that could steer a command."""
    named = {f"RINGFENCE_{name.upper()}": str(value) for name, value in settings.items()}
    return {"PATH": os.environ["PATH"], **named}


def run_ringfence(
    folder: Path, *arguments: str, stdin: str = "", cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a `ringfence` command on the store of `folder` to its end, whatever comes of it."""
    return subprocess.run(
        command(folder, *arguments),
        cwd=cwd or folder,
        env=environment(),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def ringfence(folder: Path, *arguments: str, stdin: str = "") -> str:
    """Run a `ringfence` command that must succeed and return what it prints."""
    done = run_ringfence(folder, *arguments, stdin=stdin)
    assert done.returncode == 0, done.stderr
    return done.stdout


def wait_until(holds: Callable[[], bool], what: str) -> None:
    """Wait until `holds` says so; fail with `what` when patience is at its end."""
    until = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < until, f"not in {PATIENCE_S} s: {what}"
        time.sleep(POLL_S)
