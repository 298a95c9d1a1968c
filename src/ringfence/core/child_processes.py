"""Work in a process of its own: it holds nobody's interpreter lock, and ends with who asked for it.

The process runs a module of ours. It is told its terms by a file without a name, whose descriptor
is its first argument: they may be longer than an argument, and secret.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from ringfence.errors import InputCode, InvalidInput, Problem

Child = subprocess.Popen[bytes]

_children: set[Child] = set()
_PR_SET_PDEATHSIG = 1
_NICENESS = 10


@contextmanager
def child_process(
    module: str, terms: str, source: BinaryIO, descriptors: Sequence[int] = ()
) -> Iterator[Child]:
    """Run `module` as a process that reads `source`, and end it with the context.

    It gets `source`, which has a descriptor, as its standard input, and what it prints can be read
    from its `stdout`. `descriptors` are open in it under the same numbers.
    """
    process = _started(module, terms, source, descriptors)
    assert process.stdout is not None, "it was asked for"
    _children.add(process)
    try:
        yield process
    finally:
        _children.discard(process)
        process.kill()
        process.stdout.close()
        process.wait()


def end_children() -> None:
    """End every process that is at work; whoever waits for one hears that it failed."""
    for process in tuple(_children):
        process.kill()


def end_with_parent() -> None:
    """Let this process die with the one that started it, however that ends (Linux only).

    https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def read_terms_given() -> str:
    """Return the terms, in the process that was started, which hears no Ctrl-C from here on.

    Nor SIGTERM, which a service manager sends to all: the parent ends this process when it is done
    with it, and so does its death.
    """
    # Calls that are answered meanwhile come first.
    os.nice(_NICENESS)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    end_with_parent()
    with os.fdopen(int(sys.argv[1]), encoding="utf-8") as file:
        return file.read()


def _started(module: str, terms: str, source: BinaryIO, descriptors: Sequence[int]) -> Child:
    with TemporaryFile("w+", encoding="utf-8") as file:
        file.write(terms)
        file.flush()
        file.seek(0)
        return subprocess.Popen(  # noqa: S603  a module of ours
            # -P: no module of the working directory stands for one of ours.
            [sys.executable, "-P", "-m", module, str(file.fileno())],
            stdin=source,
            stdout=subprocess.PIPE,
            pass_fds=(file.fileno(), *descriptors),
            # A terminal tells its foreground group of Ctrl-C, also before the child can ignore it.
            process_group=0,
        )


def refusal(error: InvalidInput) -> list[dict[str, Any]]:
    """Return what JSON can hold of why a file was refused."""
    return [asdict(each) for each in error.problems]


def refused(told: list[dict[str, Any]]) -> InvalidInput:
    """Return the error that `refusal` told of."""
    problems = ({**each, "code": InputCode(each["code"])} for each in told)
    return InvalidInput(*(Problem(**each) for each in problems))
