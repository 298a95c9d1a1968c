"""`make bench`: every figure of docs/performance.md."""

import platform
import tempfile
from pathlib import Path

import apsw

from bench.commits import commits
from bench.creates import creates
from bench.imports import imports
from bench.lists import lists
from bench.postgres import postgres
from bench.screening import screening
from bench.scrub import scrub


def main() -> None:
    """Run every benchmark in a folder of its own and print its ratios."""
    print(f"Python {platform.python_version()}, SQLite {apsw.sqlite_lib_version()}")
    with tempfile.TemporaryDirectory(prefix="ringfence-bench-") as folder:
        for benchmark in (commits, creates, lists, imports, scrub, screening, postgres):
            for figure in benchmark(Path(folder)):
                print(figure, flush=True)


if __name__ == "__main__":
    main()
