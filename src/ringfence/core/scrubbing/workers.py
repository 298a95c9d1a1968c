"""More than one processor for the plain lines: processes that share what was loaded.

They are forked, so that a million entries are not copied; and none is where the interpreter runs
other threads, for what those hold at that moment a fork would hold for ever.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from typing import ClassVar, TypeVar

T = TypeVar("T")

MAX_PROCESSES = 8
"""How many are forked at most: one process reads and writes for all of them."""

WORTH_BLOCKS = 3
"""Of how few blocks none is forked: they are done in the time in which processes start."""


def usable_processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_order(work: Callable[[bytes], T], blocks: Iterable[bytes], processes: int) -> Iterator[T]:
    """Return what `work` makes of each block, in their order, by up to so many processes.

    Only some blocks are under way at a time, however slowly the results are taken.
    """
    waiting = iter(blocks)
    first = list(islice(waiting, WORTH_BLOCKS + 1))
    if processes > 1 and len(first) > WORTH_BLOCKS and _may_fork():
        return _by_processes(work, chain(first, waiting), min(processes, MAX_PROCESSES))
    return map(work, chain(first, waiting))


def _by_processes(
    work: Callable[[bytes], T], blocks: Iterable[bytes], processes: int
) -> Iterator[T]:
    with _pool(work, processes) as pool:
        under_way: deque[Future[T]] = deque()
        try:
            for block in blocks:
                under_way.append(pool.submit(_Worker.run, block))
                if len(under_way) > 2 * processes:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _may_fork() -> bool:
    # Forking is safe on Linux alone: the libraries of macOS do not survive it.
    return sys.platform == "linux" and threading.active_count() == 1


def _pool(work: Callable[[bytes], T], processes: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("fork")
    return ProcessPoolExecutor(processes, context, _Worker.begin, (work,))


class _Worker:
    """What a forked process does; `work` came to it with its memory."""

    work: ClassVar[Callable[[bytes], object]]

    @classmethod
    def begin(cls, work: Callable[[bytes], object]) -> None:
        # Ctrl-C reaches every process of a terminal; the one that forked ends the others.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        cls.work = work

    @classmethod
    def run(cls, block: bytes) -> object:
        return cls.work(block)
