"""The prefixes of an account are found without its other entries: the event loop waits for it."""

import pytest

from ringfence.store import Store, screening
from tests.store.people import furnish
from tests.store.plans import plans_of


@pytest.mark.parametrize("few", [screening.FEW, -1])
def test_prefixes_are_found_along_their_index(
    store: Store, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are: those that are few, and the lengths of those that are many."""
    monkeypatch.setattr(screening, "FEW", few)
    account_id = furnish(store, "alice").account_id
    plans = plans_of(store, lambda tx: screening.select_standing(tx, account_id))
    lines = [line for plan in plans for line in plan.splitlines() if "blocked_number " in line]
    assert lines
    assert {line.split("INDEX ")[1].split()[0] for line in lines} == {"blocked_number_prefix"}
    assert all("<expr>=?" in line for line in lines[1:])
