"""The truth: one SQL layer, written so that every database runs the same statements.

`open_store` is the way in. Core hands the store functions that take a Transaction; what happens
inside one is all or nothing. SQL stands beside the rows it makes, one file per noun; what only
one database needs stands in `sqlite/` and in `postgres/`.
"""

from ringfence.store.database import Clash, OpenStore, Store, Transaction
from ringfence.store.joined import JoinedStore
from ringfence.store.opening import is_same_store, open_store
from ringfence.store.urls import describe_url

__all__ = [
    "Clash",
    "JoinedStore",
    "OpenStore",
    "Store",
    "Transaction",
    "describe_url",
    "is_same_store",
    "open_store",
]
