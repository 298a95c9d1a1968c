"""In the database: which account still uses a path that has a successor."""

from datetime import datetime

from ringfence.model.path_uses import PathUse
from ringfence.store.database import Transaction
from ringfence.store.times import from_ms, to_ms


def add_path_use(
    tx: Transaction, account_id: int, path: str, requests: int, last_at: datetime
) -> None:
    """Add to how often an account used a path."""
    tx.run(
        "insert into path_use (account_id, path, requests, last_at) values (?, ?, ?, ?) "
        "on conflict (account_id, path) do update set "
        "requests = path_use.requests + excluded.requests, last_at = case "
        "when excluded.last_at > path_use.last_at then excluded.last_at else path_use.last_at end",
        (account_id, path, requests, to_ms(last_at)),
    )


def select_path_uses(tx: Transaction) -> list[PathUse]:
    """Return the uses of all accounts, by user name and path."""
    rows = tx.all(
        "select account.user_name, path_use.path, path_use.requests, path_use.last_at "
        "from path_use join account using (account_id) "
        "order by account.user_name, path_use.path"
    )
    return [PathUse(*(*row[:3], from_ms(row[3]))) for row in rows]
