"""Looking up many rows at once along one index, whatever the database believes of its tables.

PostgreSQL plans by what it counted last. Of a table it has never counted it joins all that an
account has with every row that was sent; of an account that is new since, it takes any index that
begins with the account, and reads all of it for each row. So nothing here is a join, each look-up
is in the order of the index meant, and the account is no constant, of which it would think that it
has no rows.
"""

from collections.abc import Sequence

from ringfence.store.database import Row, Transaction, Value

OF_ACCOUNT = "account_id = (select cast(? as integer))"
"""The condition that a row is of an account, of which nothing is believed beforehand."""

_MOST = 1_000_000
"""More rows than are ever sent: as a limit, it keeps what is inside from being done twice."""


def probe(
    tx: Transaction,
    source: tuple[str, str],
    columns: Sequence[str],
    key: str,
    values: Sequence[Value],
    rows: str,
) -> list[Row]:
    """Return what is there of sent rows, by their first elements: each that, and `columns`.

    `source` is a table and the condition on it, with `values`. An index has the columns of the
    condition, then `key`. The first of `columns` is never null.
    """
    table, condition = source
    # A range, for an equality would make its order nothing that an index is needed for.
    behind = (
        f"from {table} where {condition} and {key} >= sent_key and {key} <= sent_key "
        f"order by {key} limit 1"
    )
    first, *others = columns
    more = "".join(f", (select {column} {behind})" for column in others)
    taken_apart = f"select sent.value ->> 0 as sent_key from {tx.sent_rows} limit ?"
    looked_up = (
        f"select sent_key, (select {first} {behind}) as looked_up "
        f"from ({taken_apart}) as apart limit ?"
    )
    return tx.all(
        f"select sent_key, looked_up{more} from ({looked_up}) as found where looked_up is not null",
        (*tuple(values) * len(others), *values, rows, _MOST, _MOST),
    )
