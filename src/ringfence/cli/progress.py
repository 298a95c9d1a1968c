"""How far a copy or a scrub is: a bar on a terminal, for who waits; nothing in a script's log."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from ringfence.store.copying import OnProgress


class _Rate(ProgressColumn):
    """Rows a second."""

    def render(self, task: Task) -> Text:
        """Return the rate, or nothing before there is one."""
        return Text(f"{task.speed:,.0f} rows/s" if task.speed else "")


@contextmanager
def row_progress(what: str) -> Iterator[OnProgress]:
    """Yield what a copy tells its progress to, shown on standard error if that is a terminal."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} / {task.total:,.0f} rows"),
        _Rate(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task(what, total=0)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def byte_progress(what: str, size: int | None) -> Iterator[Callable[[int], object]]:
    """Yield what is told how many bytes of `size` are done, shown as above.

    No thread draws the bar: while one runs, no process is forked.
    """
    bar = Progress(
        *(TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()),
        console=Console(stderr=True),
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task(what, total=size)
        yield lambda done: bar.update(task, completed=done, refresh=True)
