"""A postmaster together with everything that it forked: frozen, thawed, or ended as one.

As a script this is the guardian of one server, which outlives a killed test process only to end
the server; so it needs nothing beside the standard library.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

PATIENCE_S = 30.0
POLL_S = 0.002

REMOVE_SEGMENT = 0
"""IPC_RMID, which is 0 on Linux, macOS and the BSDs."""

PROC = Path("/proc")


def family(pid: int) -> list[int]:
    """Return the process and its children."""
    return [pid, *(child for child, parent, _ in _processes() if parent == pid)]


def live(pids: Iterable[int]) -> bool:
    """Whether any of the processes is there and not just a zombie."""
    return bool(_states(pids))


def freeze(pid: int) -> list[int]:
    """Stop the process and all its children; return them all, parent first."""
    # A parent that stands still forks no more, so that the list of its children stays true.
    _signal([pid], signal.SIGSTOP)
    _wait_until(lambda: _states([pid]) <= {"T"})
    members = family(pid)
    _signal(members, signal.SIGSTOP)
    _wait_until(lambda: _states(members) <= {"T"})
    return members


def thaw(pid: int) -> None:
    """Let the process and all its children go on."""
    _signal(reversed(family(pid)), signal.SIGCONT)


def end(pid: int) -> None:
    """Kill the process and all its children as if by one blow; return when none is left."""
    # None of them gets to act on the death of another, because all stand still already.
    members = freeze(pid)
    _signal(members, signal.SIGKILL)
    _wait_until(lambda: not live(members))


def remove_shared_memory(data: Path) -> None:
    """Remove the segment that a killed server of the folder `data` left to its successor."""
    with suppress(FileNotFoundError, IndexError):
        _key, segment = (data / "postmaster.pid").read_text("utf-8").splitlines()[6].split()
        ctypes.CDLL(None).shmctl(int(segment), REMOVE_SEGMENT, None)


def guard(pids: Iterable[str], data: Path, rubbish: Path) -> None:
    """Read which postmaster runs, or 0 for none; at the end of input, end it.

    Then remove `rubbish`, which is the folder `data` or has it inside.
    """
    pid = 0
    for line in pids:
        pid = int(line)
    if pid:
        end(pid)
    remove_shared_memory(data)
    shutil.rmtree(rubbish, ignore_errors=True)


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _states(pids: Iterable[int]) -> set[str]:
    # A zombie has given up all it had; who reaps it, and when, is not ours to say.
    wanted = set(pids)
    return {state for pid, _, state in _processes() if pid in wanted} - {"Z"}


def _processes() -> Iterator[tuple[int, int, str]]:
    """Yield the id, the parent's id and the state's first letter of every process."""
    if not (PROC / "self" / "stat").exists():
        yield from _listed_processes()
        return
    for folder in PROC.iterdir():
        if folder.name.isdecimal():
            with suppress(FileNotFoundError, ProcessLookupError):
                # The name in parentheses may have any character, also a parenthesis.
                rest = (folder / "stat").read_bytes().rpartition(b")")[2].split()
                yield int(folder.name), int(rest[1]), rest[0].decode().upper()


def _listed_processes() -> Iterator[tuple[int, int, str]]:
    told = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,state="], capture_output=True, check=True, text=True
    )
    for line in told.stdout.splitlines():
        pid, parent, state = line.split()[:3]
        yield int(pid), int(parent), state[0]


def _wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < until, f"processes did not obey in {PATIENCE_S} s"
        time.sleep(POLL_S)


if __name__ == "__main__":
    guard(sys.stdin, *map(Path, sys.argv[1:]))
