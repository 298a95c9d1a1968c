"""More than one processor for the plain lines: processes that share what was loaded.

They are forked, so that a million entries are not copied; and none is where the interpreter runs
other threads, for what those hold at that moment a fork would hold for ever. Blocks go to them and
come back through memory that all share, for pipes would copy each byte four times.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from itertools import chain, islice
from mmap import mmap
from typing import Any, ClassVar, TypeVar

from ringfence.core.child_processes import end_with_parent

T = TypeVar("T")
Work = Callable[[bytes], tuple[bytes, T]]
"""What is done to a block: returns another, which is no longer, and something small."""

MAX_PROCESSES = 8
"""How many are forked at most: one process reads and writes for all of them."""

WORTH_BLOCKS = 3
"""Of how few blocks none is forked: they are done in the time in which processes start."""


def usable_processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_order(
    work: Work[T], blocks: Iterable[bytes], processes: int, longest: int
) -> Iterator[tuple[bytes | memoryview, T]]:
    """Return what `work` makes of each block, in their order, by up to so many processes.

    No block is longer than `longest`. Only some are under way at a time, however slowly the results
    are taken; each is good until the next is asked for.
    """
    waiting = iter(blocks)
    first = list(islice(waiting, WORTH_BLOCKS + 1))
    if processes > 1 and len(first) > WORTH_BLOCKS and _may_fork():
        return _by_processes(work, chain(first, waiting), min(processes, MAX_PROCESSES), longest)
    return map(work, chain(first, waiting))


def _may_fork() -> bool:
    # Forking is safe on Linux alone: the libraries of macOS do not survive it.
    return sys.platform == "linux" and threading.active_count() == 1


def _by_processes(
    work: Work[T], blocks: Iterable[bytes], processes: int, longest: int
) -> Iterator[tuple[memoryview, T]]:
    under_way: deque[tuple[mmap, Future[tuple[int, T]]]] = deque()
    with ExitStack() as stack:
        slots = [stack.enter_context(mmap(-1, longest)) for _ in range(2 * processes + 1)]
        pool = stack.enter_context(_pool(work, slots, processes))
        stack.callback(pool.shutdown, cancel_futures=True)
        places = deque(range(len(slots)))
        for block in blocks:
            place = places[0]
            slots[place][: len(block)] = block
            places.rotate(-1)
            under_way.append((slots[place], pool.submit(_Worker.run, place, len(block))))
            if len(under_way) == len(slots):
                yield from _result(*under_way.popleft())
        while under_way:
            yield from _result(*under_way.popleft())


def _result(slot: mmap, future: Future[tuple[int, T]]) -> Iterator[tuple[memoryview, T]]:
    length, told = future.result()
    with memoryview(slot) as whole, whole[:length] as kept:
        yield kept, told


def _pool(work: Work[T], slots: list[mmap], processes: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("fork")
    return ProcessPoolExecutor(processes, context, _Worker.begin, (work, slots))


class _Worker:
    """What a forked process does; its work and the slots came to it with its memory."""

    work: ClassVar[Work[Any]]
    slots: ClassVar[list[mmap]]

    @classmethod
    def begin(cls, work: Work[Any], slots: list[mmap]) -> None:
        # Ctrl-C reaches every process of a terminal; the one that forked ends the others.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        # It waits on a queue whose other end it holds itself: nothing else would tell it.
        end_with_parent()
        cls.work, cls.slots = work, slots

    @classmethod
    def run(cls, place: int, length: int) -> tuple[int, Any]:
        slot = cls.slots[place]
        made, told = cls.work(slot[:length])
        slot[: len(made)] = made
        return len(made), told
