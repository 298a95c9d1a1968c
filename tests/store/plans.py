"""How a database would run a statement: along an index, or by sorting or reading all."""

import re
from collections.abc import Callable, Sequence

from ringfence.store import Store, Transaction
from ringfence.store.database import Row, Value
from ringfence.store.sqlite.connection import SqliteTransaction


class Explained:
    """A transaction that notes the plan of everything that is asked for as a list of rows."""

    def __init__(self, tx: Transaction, word: str | None = None) -> None:
        self._tx = tx
        self._word = word or (
            "explain query plan" if isinstance(tx, SqliteTransaction) else "explain"
        )
        self.plans: list[str] = []

    def __getattr__(self, name: str) -> object:
        """Be the transaction in everything else."""
        return getattr(self._tx, name)

    def all(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """Note the plan of a statement, and run it."""
        lines = [str(row[-1]) for row in self._tx.all(f"{self._word} {sql}", values)]
        self.plans.append("\n".join(lines))
        return self._tx.all(sql, values)


def plans_of(
    store: Store, work: Callable[[Transaction], object], word: str | None = None
) -> list[str]:
    """Return how the lists that `work` asks for are made, asked for by `word`."""

    def explain(tx: Transaction) -> list[str]:
        explained = Explained(tx, word)
        work(explained)  # type: ignore[arg-type]  # it is one by __getattr__
        return explained.plans

    return store.read(explain)


def indexes_in(plan: str) -> set[str]:
    """Return the names of the indexes that a plan uses."""
    return set(re.findall(r"(?:INDEX|Index (?:Only )?Scan (?:Backward )?using) (\w+)", plan))


def sorts(plan: str) -> bool:
    """Tell whether a plan puts rows in order by itself, or reads all of a table."""
    return bool(re.search(r"TEMP B-TREE|\bSort\b|Seq Scan|Bitmap|SCAN", plan))
