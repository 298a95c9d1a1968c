"""Reading the file of a store into the system's memory, before calls have to wait for a disk.

Run as a module it is the process that does so. It is another one, for a process that closes a file
which SQLite has open gives up its locks there (https://sqlite.org/howtocorrupt.html, section 2.2).
"""

import os
import sys
from pathlib import Path

from ringfence.core.child_processes import end_with_parent

WORTH_BYTES = 32 * 1024 * 1024
"""A smaller file is there before anybody notices."""

_CHUNK = 1024 * 1024


def is_worth_warming(path: Path) -> bool:
    """Tell whether a file is large, and still fits into half of the memory of the machine."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return WORTH_BYTES <= path.stat().st_size <= memory // 2


def main() -> None:
    """Read the file that the argument names, from its beginning to its end."""
    end_with_parent()
    buffer = bytearray(_CHUNK)
    with open(sys.argv[1], "rb", buffering=0) as file:  # noqa: PTH123  a Path has no such mode
        while file.readinto(buffer):
            pass


if __name__ == "__main__":
    main()
