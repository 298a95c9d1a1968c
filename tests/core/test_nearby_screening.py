"""Who is recognised on the event loop, and what is remembered of them: SQLite alone has that."""

import pytest

from ringfence.core.credentials import create_key
from ringfence.core.screening import NearbyScreening, Policies, credential_of
from ringfence.core.screening.policies import Policy
from ringfence.core.skills import add_skill
from ringfence.model.accounts import KeyDraft, Role
from ringfence.store.sqlite.store import SqliteStore
from tests.core.people import ORIGIN, new_account


@pytest.fixture
def engine() -> str:
    """Return the one engine of these tests."""
    return "sqlite"


def test_the_keys_of_an_account_share_what_is_remembered_of_it(store: SqliteStore) -> None:
    """An account may have as many keys as it likes; a change of it is seen with each."""
    account = new_account(store)
    keys = [
        create_key(store, account, ORIGIN, KeyDraft(Role.ENFORCER, f"Switch {n}"))[1].encode()
        for n in range(3)
    ]
    screening = NearbyScreening(store.nearby(), Policies())
    known: list[Policy] = []
    for name in ("Sales", "Support"):
        add_skill(store, account, name, ORIGIN)
        screening.begin()
        guests = [screening.guest(credential_of(key)) for key in keys]
        screening.end()
        policies = {guest.policy for guest in guests if guest is not None}
        assert (None in guests, len(policies)) == (False, 1)
        known += policies
    assert known[0] is not known[1]
