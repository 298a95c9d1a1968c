"""Revisions: whether a thing is still what someone read."""

from dataclasses import dataclass, replace

from ringfence.model.revisions import revision_of


@dataclass(frozen=True)
class Thing:
    """Something that changes."""

    name: str
    count: int = 0
    seen: int = 0


def test_a_revision_is_told_by_the_values_alone() -> None:
    """Sixteen hex digits, the same for equal things."""
    assert revision_of(Thing("a")) == revision_of(Thing("a", 0))
    assert len(revision_of(Thing("a"))) == len(f"{int(revision_of(Thing('a')), 16):016x}") == 16


def test_any_other_value_is_another_revision() -> None:
    """Also one of another type, and one that no file could hold."""
    kinds = [Thing("a"), Thing("b"), Thing("a", 1), Thing("a", 0, 1), Thing("\ud800")]
    assert len({revision_of(each) for each in kinds}) == len(kinds)


def test_what_is_left_out_does_not_count() -> None:
    """Such as what is counted beside the thing itself."""
    thing = Thing("a", 1, 2)
    assert revision_of(thing, "seen") == revision_of(replace(thing, seen=3), "seen")
    assert revision_of(thing, "seen") != revision_of(replace(thing, count=3), "seen")
