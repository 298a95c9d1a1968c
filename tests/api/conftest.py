"""What the tests of /v1 share: the door on a fresh store of either database."""

import pytest

from ringfence.store import OpenStore
from tests.api.house import House, build
from tests.conftest import Clock


@pytest.fixture
def bare(store: OpenStore, clock: Clock) -> House:
    """Return a house whose account has nothing but keys."""
    return build(store, clock)


@pytest.fixture
def house(bare: House) -> House:
    """Return a house whose account has some of everything."""
    bare.furnish()
    return bare
