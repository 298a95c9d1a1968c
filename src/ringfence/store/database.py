"""What a database has to offer, whichever it is.

The contract that core relies on:

- `Store.write(work)` runs `work` in one transaction. When it returns, the change is durable and
  every later read sees it. When it raises, nothing of `work` was kept. `work` may be run more
  than once (a database may ask for a retry), so it has no effect outside its transaction.
- `OpenStore.perform(jobs)` runs the work of each job in a thread of the store's choosing and calls
  its `deliver` there, with its result or its error. What the work writes on the way is durable,
  and seen by every read, when `deliver` is called; not before. What it reads is no older than the
  call of `perform`. This is how requests are served. `perform_aside` is for those that take long:
  what they write is durable when each write returns, and they hold nobody else up.
- `Store.read(work)` shows `work` one consistent state and changes nothing. It too may be run more
  than once.
- A transaction may be used in another thread than it began in, by one thread at a time: a copy
  reads the source's in the thread in which the target writes.
- Both raise Unavailable where the database cannot answer. What `work` raises comes out as it is.
- Statements take `?` for their values and use only what SQLite and PostgreSQL share.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol, TypeVar

Row = tuple[Any, ...]
Value = str | int | None
T = TypeVar("T")

STREAM_ROWS = 5_000
"""How many rows a chunk of `Transaction.stream` has at most: about a megabyte."""


class Job(NamedTuple):
    """Work for `Store.perform`, and who is told what came of it.

    `deliver` takes the result, or an error beside which the result means nothing. It does not
    block and does not raise.
    """

    work: Callable[[], Any]
    deliver: Callable[[Any, BaseException | None], None]


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What a store is: its database, its schema, the names of its tables, its bytes on the disk."""

    engine: str
    version: str
    schema: int
    tables: Sequence[str]
    size_bytes: int


class Clash(Exception):
    """A statement met a unique key that is taken."""


class Transaction(Protocol):
    """Statements of one transaction.

    `sent_rows` stands in a statement behind `from` for the elements of a JSON list, given as text
    for its one `?`: rows called `sent`, with `key`, which counts from 0, and `value`. Where the
    elements are texts or numbers, `sent_text` stands for one, as text.
    """

    sent_rows: ClassVar[str]
    sent_text: ClassVar[str]

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

    def along(self, index: str) -> str:
        """Return what stands behind a table's name so that it is read along an index of its own.

        For where a database takes another one that leads it past far too many rows.
        """

    def stream(self, sql: str, values: Sequence[Value] = ()) -> Iterator[Sequence[Row]]:
        """Run `sql` and yield its rows in chunks of STREAM_ROWS, each fetched when it is due."""

    def load(self, table: str, columns: Sequence[str], chunks: Iterable[Sequence[Row]]) -> int:
        """Put ready rows into a table as fast as can be; return how many. Raises Clash.

        Faster where they come in the order of the table's key.
        """


class Readable(Protocol):
    """A place that shows what it holds: a store, or a backup of one."""

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Return what `work` makes of one consistent state. Raises Unavailable."""


class Store(Readable, Protocol):
    """A place that keeps what it acknowledged: all that core needs."""

    def read_at_length(self, work: Callable[[Transaction], T]) -> T:
        """Do what `read` does, for work that may take longer than a request may wait."""

    def write(self, work: Callable[[Transaction], T], *, decides: bool = True) -> T:
        """Return what `work` returned, once its changes are durable. Raises Unavailable.

        Where it does not `decides`, no decision depends on what it writes, and whoever reads nearby
        (`Nearby`) may see it ten seconds later.
        """


class Nearby(Protocol):
    """A reader for the thread of the event loop, where reading takes microseconds.

    Between `begin` and `end` it shows one consistent state, which has all that decides (see
    `Store.write`) and was acknowledged before `begin`. Raises Unavailable.
    """

    def begin(self) -> int:
        """Begin to read; return a number that is the same for as long as the state is."""

    @property
    def transaction(self) -> Transaction:
        """What to read with, until `end`."""

    def end(self) -> None:
        """End what `begin` began; the state may be held for the next one."""

    def let_go(self) -> None:
        """Let go of a state that is held though nobody reads it. To be called every second."""


class OpenStore(Store, Protocol):
    """A store as whoever opened it has it: to serve requests with, to ask about, to close."""

    @property
    def url(self) -> str:
        """Where another process finds the same store; it may have a password."""

    @property
    def file(self) -> Path | None:
        """The file that is the store, or None where a server keeps it."""

    def nearby(self, mmap_bytes: int = 0) -> Nearby | None:
        """Return a new reader for the event loop, or None where a server has to be waited for.

        Of a store that is a file it maps so many bytes into memory.
        """

    def perform(self, jobs: Sequence[Job]) -> None:
        """Run `jobs` in another thread and return at once. Raises Unavailable when closed."""

    def perform_aside(self, jobs: Sequence[Job]) -> None:
        """Do what `perform` does, for jobs that compute for long: others do not wait for them."""

    def give_way(self, timeout_s: float) -> None:
        """Wait while the store computes for jobs, not while it waits for a disk; at most so long.

        One interpreter lock serves all threads: where two want it at once, both pay for every
        switch. The event loop calls this at the moments when it would otherwise compete.
        """

    def describe(self) -> StoreFacts:
        """Return what the store is, whichever schema it has. Raises Unavailable."""

    def stats(self) -> Mapping[str, int]:
        """Return how busy the store is now, by names fit for a metric; waits for nothing."""

    def close(self) -> None:
        """Finish what was accepted, then let go of the database."""
