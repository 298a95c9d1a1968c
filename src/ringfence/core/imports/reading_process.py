"""Reading a file in a process of its own, for a million rows would hold the interpreter's lock.

Run as a module it is that process, and writes parts as lines.
"""

import gc
import os
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import BinaryIO

from ringfence.core.child_processes import child_process, read_terms_given
from ringfence.core.imports.part_lines import (
    read_parts,
    read_terms,
    write_part,
    write_refusal,
    write_terms,
)
from ringfence.core.imports.phone_reading import read_phone_rows
from ringfence.core.imports.reading import read_rows
from ringfence.errors import InvalidInput
from ringfence.model.imports import Kind, Part, ReadingTerms, ReadSummary

READERS: Mapping[Kind, Callable[[BinaryIO, ReadingTerms], Iterator[Part]]] = {
    Kind.BLOCKED_NUMBERS: read_rows,
    Kind.PHONE_NUMBERS: read_phone_rows,
}
"""What reads a file whose rows are of a kind."""


def read_aside(source: BinaryIO, terms: ReadingTerms) -> Generator[Part]:
    """Yield what `READERS` yield of a file, read by another process, which ends with this.

    `source` has a file descriptor, and is read on from where that stands. Closing the generator
    ends the process. Raises InvalidInput as they do, RuntimeError where the process fails.
    """
    is_whole = False
    with child_process(__spec__.name, write_terms(terms), source) as process:
        assert process.stdout is not None, "a child process can be read from"
        for part in read_parts(process.stdout):
            is_whole = isinstance(part, ReadSummary)
            yield part
        status = process.wait()
    if status != 0 or not is_whole:
        raise RuntimeError(f"the process that read a file ended with status {status}")


def main() -> None:
    """Read standard input by the terms given, and write the parts."""
    terms = read_terms(read_terms_given())
    # Rows make no cycles, and looking for some takes as long as reading.
    gc.disable()
    try:
        _write(terms)
    except BrokenPipeError:
        # The parent is gone. Nothing can be written any more, not even what a buffer still has.
        os._exit(1)


def _write(terms: ReadingTerms) -> None:
    output = sys.stdout.buffer
    try:
        for part in READERS[terms.target.kind](sys.stdin.buffer, terms):
            output.write(write_part(part).encode())
    except InvalidInput as error:
        output.write(write_refusal(error).encode())
    output.flush()


if __name__ == "__main__":
    main()
