"""Doing a request once, however often it is sent."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from ringfence.core.kept_answers import KEPT_FOR, MAX_KEY, Asked, Told, answer_once
from ringfence.core.skills import add_skill, list_skills
from ringfence.errors import IdempotencyKeyReused, InputCode, InvalidInput, SkillExists
from ringfence.model.accounts import Account
from ringfence.store import Store
from tests.core.people import NOW, ORIGIN, new_account

ASKED = Asked(1, "my request", "digest", "rf_secret")
ANSWER = b"a new key: rf_shown_once"


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account."""
    return new_account(store)


def adding(account: Account, name: str, answer: bytes = ANSWER) -> Callable[[Store], bytes]:
    """Return work that adds a skill and answers."""

    def work(store: Store) -> bytes:
        add_skill(store, account, name, ORIGIN)
        return answer

    return work


def names(store: Store, account: Account) -> list[str]:
    """Return the names of the account's skills."""
    return [skill.name for skill in list_skills(store, account)]


def kept(store: Store) -> list[tuple[object, ...]]:
    """Return every row that is kept of answers."""
    return store.read(lambda tx: tx.all("select * from kept_answer"))


def test_what_is_asked_again_is_answered_the_same_and_not_done(
    store: Store, alice: Account
) -> None:
    """Byte for byte, and it is told that this is not the first time."""
    work = adding(alice, "Sales")
    assert answer_once(store, alice, ASKED, work, at=NOW) == Told(ANSWER, again=False)
    for _ in range(2):
        assert answer_once(store, alice, ASKED, work, at=NOW) == Told(ANSWER, again=True)
    assert names(store, alice) == ["General", "Sales"]


@pytest.mark.parametrize("answer", [b"", bytes(range(256)), b"x" * 1_000_000])
def test_any_answer_is_kept(store: Store, alice: Account, answer: bytes) -> None:
    """Empty, not text, or long."""
    for again in (False, True):
        told = answer_once(store, alice, ASKED, lambda _: answer, at=NOW)
        assert told == Told(answer, again=again)


def test_a_name_stands_for_one_request(store: Store, alice: Account) -> None:
    """Another one is refused, and not done."""
    answer_once(store, alice, ASKED, adding(alice, "Sales"), at=NOW)
    other = replace(ASKED, fingerprint="another digest")
    with pytest.raises(IdempotencyKeyReused):
        answer_once(store, alice, other, adding(alice, "Service"), at=NOW)
    assert names(store, alice) == ["General", "Sales"]


def test_an_error_is_not_kept(store: Store, alice: Account) -> None:
    """Nor is anything that was done before it, so the request may be sent again."""

    def work(joined: Store) -> bytes:
        add_skill(joined, alice, "Sales", ORIGIN)
        add_skill(joined, alice, "general", ORIGIN)
        raise AssertionError("the skill is there already")

    for _ in range(2):
        with pytest.raises(SkillExists):
            answer_once(store, alice, ASKED, work, at=NOW)
    assert kept(store) == []
    assert names(store, alice) == ["General"]
    told = answer_once(store, alice, ASKED, adding(alice, "Sales"), at=NOW)
    assert told == Told(ANSWER, again=False)


@pytest.mark.parametrize(
    ("age", "again"), [(KEPT_FOR - timedelta(seconds=1), True), (KEPT_FOR, False)]
)
def test_an_answer_is_kept_for_a_day(
    store: Store, alice: Account, age: timedelta, *, again: bool
) -> None:
    """Then the name is free, for another request too, and stands for that one."""
    answer_once(store, alice, ASKED, lambda _: b"old", at=NOW)
    other = ASKED if again else replace(ASKED, fingerprint="another digest")
    told = answer_once(store, alice, other, lambda _: b"new", at=NOW + age)
    assert told == Told(b"old" if again else b"new", again=again)
    if not again:
        assert answer_once(store, alice, other, lambda _: b"newer", at=NOW + age).answer == b"new"
    assert len(kept(store)) == 1


def test_two_who_ask_at_once_have_it_done_once(store: Store, alice: Account) -> None:
    """Both hear the same, of which one is the first."""
    barrier = Barrier(8)

    def ask(n: int) -> Told:
        barrier.wait(10)
        return answer_once(store, alice, ASKED, adding(alice, f"Skill {n}", b"%d" % n), at=NOW)

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(ask, range(8)))
    assert sorted(each.again for each in told) == [False] + [True] * 7
    [answer] = {each.answer for each in told}
    assert names(store, alice) == ["General", f"Skill {answer.decode()}"]


@pytest.mark.parametrize(
    "other", [replace(ASKED, key_id=2), replace(ASKED, idempotency_key="My request")]
)
def test_another_key_or_name_is_another_request(store: Store, alice: Account, other: Asked) -> None:
    """Each has its own answer."""
    answer_once(store, alice, ASKED, lambda _: b"first", at=NOW)
    assert answer_once(store, alice, other, lambda _: b"second", at=NOW) == Told(
        b"second", again=False
    )
    assert answer_once(store, alice, ASKED, lambda _: b"third", at=NOW) == Told(
        b"first", again=True
    )


def test_another_account_is_another_request(store: Store, alice: Account) -> None:
    """Its keys have the same ids."""
    bob = new_account(store)
    answer_once(store, alice, ASKED, lambda _: b"hers", at=NOW)
    assert answer_once(store, bob, ASKED, lambda _: b"his", at=NOW) == Told(b"his", again=False)


def test_what_is_kept_does_not_show_the_answer(store: Store, alice: Account) -> None:
    """Nor the secret that it is sealed with, so a copy of the store tells nobody a new key."""
    answer_once(store, alice, ASKED, lambda _: ANSWER, at=NOW)
    [row] = kept(store)
    told = repr(row)
    assert ASKED.fingerprint in told
    for secret in ("rf_shown_once", ASKED.secret, ANSWER.hex()):
        assert secret not in told


@pytest.mark.parametrize("name", ["x", "x" * MAX_KEY, "a b~!", '"quoted"'])
def test_a_name_has_up_to_255_printable_characters(store: Store, alice: Account, name: str) -> None:
    """Of ASCII; whatever a caller's library makes."""
    asked = replace(ASKED, idempotency_key=name)
    assert answer_once(store, alice, asked, lambda _: ANSWER, at=NOW).answer == ANSWER


@pytest.mark.parametrize("name", ["", "x" * (MAX_KEY + 1), "é", "a\nb", "\0", "\x7f"])
def test_a_bad_name_is_refused(store: Store, alice: Account, name: str) -> None:
    """The limit is told, and nothing is done."""
    asked = replace(ASKED, idempotency_key=name)
    with pytest.raises(InvalidInput, match="1 to 255 printable ASCII") as refused:
        answer_once(store, alice, asked, adding(alice, "Sales"), at=NOW)
    [problem] = refused.value.problems
    assert problem.code is InputCode.IDEMPOTENCY_KEY_FORMAT
    assert names(store, alice) == ["General"]
