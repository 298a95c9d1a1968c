"""Several processes that serve at the same addresses, and the one that watches over them.

A worker that ends without being asked to is started again. When the watcher is asked to stop, so
are the workers, each of which drains as a lone process does; when the watcher dies, they stop too.
"""

import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import FrameType

import structlog
from prometheus_client.multiprocess import mark_process_dead

from ringfence.config import Settings
from ringfence.errors import InputCode, InvalidInput, Problem, RingfenceError

RESTART_PAUSE_S = 1.0
"""How long a worker is left ended: one that cannot start must not use up the machine."""

KILL_AFTER_DRAIN_S = 5.0

_MEMORY = "/dev/shm"  # noqa: S108  a folder of our own is made in it
_SHARED_FIGURES = "PROMETHEUS_MULTIPROC_DIR"
_FAILED = 2
_spawn = multiprocessing.get_context("spawn")
_log = structlog.get_logger("ringfence.workers")

Serve = Callable[[Callable[[], None]], None]
"""Serves until asked to stop; calls what it is given once requests are answered. Pickled."""


def check_workers(settings: Settings) -> None:
    """Raise InvalidInput where the store is not one that several processes can serve."""
    if settings.workers > 1 and settings.database.startswith("sqlite:"):
        rule = (
            f"{settings.workers} workers need PostgreSQL (--database postgresql://…): "
            "SQLite has one writer, so one process serves it"
        )
        raise InvalidInput(Problem(InputCode.SETTING_INVALID, "workers", rule))


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    started: Connection
    is_ready: bool = False


class Workers:
    """Starts as many processes as the settings say, each to run `serve`, and keeps as many."""

    def __init__(self, serve: Serve, settings: Settings) -> None:
        self._serve = serve
        self._count = settings.workers
        self._drain_timeout_s = settings.drain_timeout_s
        self._workers: list[_Worker] = []
        self._was_ready = False
        self._failed = False
        self._stopping = False

    def run(self, on_started: Callable[[], None]) -> int:
        """Watch until asked to stop; return the exit code.

        `on_started` is called when every worker answers requests. A worker that fails before that
        ends them all.
        """
        with _shared_figures(), self._signals() as bell:
            try:
                self._watch(bell, on_started)
            finally:
                self._end()
        return _FAILED if self._failed else 0

    def _watch(self, bell: socket.socket, on_started: Callable[[], None]) -> None:
        for _ in range(self._count):
            self._workers.append(self._start())
        while not self._stopping:
            self._wait(bell)
            if not self._was_ready and all(each.is_ready for each in self._workers):
                self._was_ready = True
                on_started()

    def _start(self) -> _Worker:
        started, tell = _spawn.Pipe(duplex=False)
        process = _spawn.Process(target=_work, args=(self._serve, tell), daemon=False)
        process.start()
        tell.close()
        return _Worker(process, started)

    def _wait(self, bell: socket.socket) -> None:
        """Wait until a worker has something to tell, a worker ends, or a signal comes."""
        told = [each.started for each in self._workers if not each.is_ready]
        ended = [each.process.sentinel for each in self._workers]
        wait([*told, *ended, bell])
        with suppress(BlockingIOError):
            bell.recv(4096)
        for worker in self._workers:
            worker.is_ready = worker.is_ready or _is_told(worker.started)
        for place, worker in enumerate(self._workers):
            if worker.process.exitcode is not None and not self._stopping:
                self._replace(place, worker)

    def _replace(self, place: int, worker: _Worker) -> None:
        pid, code = worker.process.pid, worker.process.exitcode
        mark_process_dead(pid)  # type: ignore[no-untyped-call]
        if not self._was_ready:
            self._failed = self._stopping = True
            return
        _log.error("a worker ended; it is started again", pid=pid, exit_code=code)
        time.sleep(RESTART_PAUSE_S)
        with suppress(OSError):  # no process or descriptor is to be had; the next turn tries again
            if not self._stopping:
                self._workers[place] = self._start()

    def _end(self) -> None:
        self._pass_on(signal.SIGTERM)
        until = time.monotonic() + self._drain_timeout_s + KILL_AFTER_DRAIN_S
        for worker in self._workers:
            worker.process.join(max(0.0, until - time.monotonic()))
            if worker.process.exitcode is None:
                worker.process.kill()
                worker.process.join()

    def _pass_on(self, number: int) -> None:
        for worker in self._workers:
            if worker.process.exitcode is None and worker.process.pid is not None:
                os.kill(worker.process.pid, number)

    @contextmanager
    def _signals(self) -> Iterator[socket.socket]:
        """Take the signals of the service; the socket can be read when one came."""
        bell, rope = socket.socketpair()
        bell.settimeout(0.0)
        rope.settimeout(0.0)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGHUP, lambda number, _frame: self._pass_on(number))
        with bell, rope:
            signal.set_wakeup_fd(rope.fileno(), warn_on_full_buffer=False)
            try:
                yield bell
            finally:
                signal.set_wakeup_fd(-1)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True


@contextmanager
def _shared_figures() -> Iterator[None]:
    """Give the workers a folder in which to keep their metrics together."""
    # The figures are files mapped into memory: on a disk that is full, to count would be to die.
    memory = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="ringfence-metrics-", dir=memory) as folder:
        os.environ[_SHARED_FIGURES] = folder
        try:
            yield
        finally:
            del os.environ[_SHARED_FIGURES]


def _is_told(started: Connection) -> bool:
    with suppress(EOFError, OSError):
        return started.poll() and bool(started.recv())
    return False


def _work(serve: Serve, tell: Connection) -> None:
    """Be a worker."""
    # Ctrl-C in a terminal reaches every process of it; until a worker serves, it has no answer
    # to that, nor to SIGHUP, and the watcher says when to stop.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_stop_with_parent, daemon=True).start()
    try:
        serve(lambda: tell.send("ready"))
    except RingfenceError as error:
        print(f"ringfence: {error}", file=sys.stderr)
        sys.exit(_FAILED)


def _stop_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
