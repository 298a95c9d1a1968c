"""Reading a file in a process of its own, for a million rows would hold the interpreter's lock.

Run as a module it is that process: the file is its standard input, the terms are in a file whose
descriptor is its argument, and it writes parts as lines.
"""

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from tempfile import TemporaryFile
from typing import BinaryIO

from ringfence.core.imports.part_lines import (
    read_parts,
    read_terms,
    write_part,
    write_refusal,
    write_terms,
)
from ringfence.core.imports.reading import read_rows
from ringfence.errors import InvalidInput
from ringfence.model.imports import Part, ReadingTerms, ReadSummary


def read_aside(source: BinaryIO, terms: ReadingTerms) -> Generator[Part]:
    """Yield what `read_rows` yields of a file, read by another process, which ends with this.

    `source` has a file descriptor, and is read on from where that stands. Closing the generator
    ends the process. Raises InvalidInput as `read_rows` does, RuntimeError where the process fails.
    """
    process = _started(source, terms)
    assert process.stdout is not None, "it was asked for"
    is_whole = False
    try:
        for part in read_parts(process.stdout):
            is_whole = isinstance(part, ReadSummary)
            yield part
        status = process.wait()
    finally:
        process.kill()
        process.stdout.close()
        process.wait()
    if status != 0 or not is_whole:
        raise RuntimeError(f"the process that read a file ended with status {status}")


def main(descriptor: int) -> None:
    """Read standard input by the terms in the file `descriptor`, and write the parts."""
    # Who sees Ctrl-C is the parent; it ends this process when it is done with it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Rows make no cycles, and looking for some takes as long as reading.
    gc.disable()
    with os.fdopen(descriptor, encoding="utf-8") as file:
        terms = read_terms(file.read())
    try:
        _write(terms)
    except BrokenPipeError:
        # The parent is gone. Nothing can be written any more, not even what a buffer still has.
        os._exit(1)


def _started(source: BinaryIO, terms: ReadingTerms) -> subprocess.Popen[bytes]:
    # Terms may have more block groups than an argument has place for.
    with TemporaryFile("w+", encoding="utf-8") as file:
        file.write(write_terms(terms))
        file.flush()
        file.seek(0)
        descriptor = file.fileno()
        return subprocess.Popen(  # noqa: S603  this very module
            # -P: no module of the working directory stands for one of ours.
            [sys.executable, "-P", "-m", __spec__.name, str(descriptor)],
            stdin=source,
            stdout=subprocess.PIPE,
            pass_fds=(descriptor,),
            # A terminal tells its foreground group of Ctrl-C, also before `main` can ignore it.
            process_group=0,
        )


def _write(terms: ReadingTerms) -> None:
    output = sys.stdout.buffer
    try:
        for part in read_rows(sys.stdin.buffer, terms):
            output.write(write_part(part).encode())
    except InvalidInput as error:
        output.write(write_refusal(error).encode())
    output.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
