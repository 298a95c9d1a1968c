"""What a database has to offer, whichever it is.

The contract that core relies on:

- `Store.write(work)` runs `work` in one transaction. When it returns, the change is durable and
  every later read sees it. When it raises, nothing of `work` was kept. `work` may be run more
  than once (a database may ask for a retry), so it has no effect outside its transaction.
- `Store.perform(jobs)` runs the work of each job in a thread of the store's choosing and calls
  its `deliver` there, with its result or its error. What the work writes on the way is durable,
  and seen by every read, when `deliver` is called; not before. What it reads is no older than the
  call of `perform`. This is how requests are served.
- `Store.read(work)` shows `work` one consistent state and changes nothing. `work` may be run more
  than once here too.
- Both raise Unavailable where the database cannot answer. What `work` raises comes out as it is.
- Statements take `?` for their values and use only what SQLite and PostgreSQL share.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

Row = tuple[Any, ...]
Value = str | int | None
T = TypeVar("T")


class Job(NamedTuple):
    """Work for `Store.perform`, and who is told what came of it.

    `deliver` takes the result, or an error beside which the result means nothing. It does not
    block and does not raise.
    """

    work: Callable[[], Any]
    deliver: Callable[[Any, BaseException | None], None]


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

    def lock_account(self, account_id: int) -> None:
        """Keep other writers from this account until the transaction ends.

        Every write that decides by what it read of an account begins with this: what it then reads
        is what the last writer left, and no two writers wait for each other in a circle.
        """

    def lock_accounts(self) -> None:
        """Keep other writers from making accounts until the transaction ends."""

    def run_many(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        """Run `sql` once for each of `rows`. Raises Clash."""


class Store(Protocol):
    """A place that keeps what it acknowledged."""

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Return what `work` makes of one consistent state. Raises Unavailable."""

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Return what `work` returned, once its changes are durable. Raises Unavailable."""

    def perform(self, jobs: Sequence[Job]) -> None:
        """Run `jobs` in another thread and return at once. Raises Unavailable when closed."""

    def give_way(self, timeout_s: float) -> None:
        """Wait while the store computes for jobs, not while it waits for a disk; at most so long.

        One interpreter lock serves all threads: where two want it at once, both pay for every
        switch. The event loop calls this at the moments when it would otherwise compete.
        """

    def close(self) -> None:
        """Finish what was accepted, then let go of the database."""
