"""Everything that a store holds, to compare two of them, whichever databases they are on."""

from ringfence.store.database import Readable, Row, Transaction
from ringfence.store.tables import TABLES


def contents(store: Readable) -> dict[str, list[Row]]:
    """Return every row of every table, by table; sorted here, for databases sort text each so."""

    def select(tx: Transaction) -> dict[str, list[Row]]:
        # The key leads each row, so that no two are compared beyond it, where values may be None.
        return {table.name: sorted(tx.all(table.select_all)) for table in TABLES}

    return store.read(select)


NOTHING: dict[str, list[Row]] = {table.name: [] for table in TABLES}
"""What a store without accounts holds."""
