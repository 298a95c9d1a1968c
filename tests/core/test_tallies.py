"""Tallies, beside a dictionary."""

import random
from collections import Counter

import pytest

from ringfence.core import tallies
from ringfence.core.tallies import Tally


@pytest.mark.parametrize("pending", [1, 3, 1000])
def test_a_tally_counts_as_a_dictionary_does(monkeypatch: pytest.MonkeyPatch, pending: int) -> None:
    """However often it packs what it has, and read in between."""
    monkeypatch.setattr(tallies, "_PENDING", pending)
    dice, tally, counts = random.Random(pending), Tally(), Counter[int]()
    for _ in range(5):
        for _ in range(1500):
            code = dice.choice([0, 1, 2**63 - 1, dice.randrange(10**15), dice.randrange(200)])
            tally.add(code)
            counts[code] += 1
        assert (len(tally), dict(tally)) == (len(counts), dict(counts))
    assert not dict(Tally())
