"""A store inside a transaction: what verbs do with it happens together, or not at all."""

from collections.abc import Callable

from ringfence.store.database import T, Transaction


class JoinedStore:
    """Reads and writes as part of a transaction that is open already.

    Whoever opened it lets every error out: what was written before one is kept by nobody else.
    """

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Return what `work` makes of the transaction's state."""
        return work(self._tx)

    def read_at_length(self, work: Callable[[Transaction], T]) -> T:
        """Return what `read` does: it lasts as long as whoever opened the transaction lets it."""
        return work(self._tx)

    def write(self, work: Callable[[Transaction], T], *, decides: bool = True) -> T:  # noqa: ARG002
        """Return what `work` returned; it is durable once the transaction is, which `decides`."""
        return work(self._tx)
