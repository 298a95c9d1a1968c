"""In the database: which account still uses a path that has a successor."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from ringfence.model.path_uses import PathUse
from ringfence.store import Store, path_uses
from tests.store.people import NOW, furnish

MINUTE = timedelta(minutes=1)


def test_uses_are_listed_by_account_and_path(store: Store) -> None:
    """Added up, with the moment of the last."""
    bob, alice = furnish(store, "bob"), furnish(store, "alice")
    for account, path, requests in ((alice, "/path", 4), (alice, "/a", 1), (bob, "/path", 10**10)):
        store.write(
            lambda tx, at=account.account_id, path=path, n=requests: path_uses.add_path_use(  # type: ignore[misc]
                tx, at, path, n, NOW + MINUTE
            )
        )
    assert store.read(path_uses.select_path_uses) == [
        PathUse("alice", "/a", 1, NOW + MINUTE),
        PathUse("alice", "/path", 5, NOW + MINUTE),
        PathUse("bob", "/path", 10**10 + 1, NOW + MINUTE),
    ]


def test_parallel_writers_lose_no_use(store: Store) -> None:
    """Several processes may count on one store."""
    alice = furnish(store, "alice")

    def add(_: int) -> None:
        store.write(lambda tx: path_uses.add_path_use(tx, alice.account_id, "/path", 2, NOW))

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(add, range(50)))
    assert [use.requests for use in store.read(path_uses.select_path_uses)] == [101]
