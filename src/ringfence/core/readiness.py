"""Whether this process can serve now."""

from ringfence.store import Store
from ringfence.store.schema import check_suits


def check_ready(store: Store) -> None:
    """Return if the store can be read and has the schema that this Ringfence needs.

    Raises StoreTooOld, StoreTooNew, and Unavailable where the store cannot be read.
    """
    store.read(check_suits)
