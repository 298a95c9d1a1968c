"""What a database has to offer, whichever it is.

The contract that core relies on:

- `Store.write(work)` runs `work` in one transaction. When it returns, the change is durable and
  every later read sees it. When it raises, nothing of `work` was kept. `work` may be run more
  than once (a database may ask for a retry), so it has no effect outside its transaction.
- `Store.read(work)` shows `work` one consistent state and changes nothing.
- Both raise Unavailable where the database cannot answer. What `work` raises comes out as it is.
- Statements take `?` for their values and use only what SQLite and PostgreSQL share.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

Row = tuple[Any, ...]
Value = str | int | None
T = TypeVar("T")


class Clash(Exception):
    """A statement met a unique key that is taken."""


class Transaction(Protocol):
    """Statements of one transaction."""

    def one(self, sql: str, values: Sequence[Value] = ()) -> Row | None:
        """Run `sql` and return its first row, or None. Raises Clash."""

    def all(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """Run `sql` and return all its rows. Raises Clash."""

    def run(self, sql: str, values: Sequence[Value] = ()) -> int:
        """Run `sql` and return how many rows it changed. Raises Clash."""

    def run_many(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        """Run `sql` once for each of `rows`. Raises Clash."""


class Store(Protocol):
    """A place that keeps what it acknowledged."""

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Return what `work` makes of one consistent state. Raises Unavailable."""

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Return what `work` returned, once its changes are durable. Raises Unavailable."""

    def close(self) -> None:
        """Finish what was accepted, then let go of the database."""
