"""What a switch answers the blocked calls of an account."""

import pytest

from ringfence.core.accounts import get_account, set_account
from ringfence.errors import InputCode, InvalidInput, PreconditionFailed
from ringfence.model.accounts import Account, AccountChange
from ringfence.model.revisions import revision_of
from ringfence.model.sip_answers import DECLINE, SipAnswer
from ringfence.store import Store
from tests.core.people import ORIGIN, new_account, own_number


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account that was never set."""
    return new_account(store)


def set_answer(store: Store, account: Account, answer: SipAnswer) -> Account:
    """Set the account's answer."""
    return set_account(store, account.user_name, AccountChange(answer=answer), ORIGIN)


def test_an_answer_is_set_and_set_back(store: Store, alice: Account) -> None:
    """With a phrase of its own and without; other settings leave it as it is."""
    assert alice.answer == DECLINE
    for answer in (SipAnswer(486), SipAnswer(608, "Nicht möglich"), SipAnswer(608), DECLINE):
        after = set_answer(store, alice, answer)
        assert after.answer == get_account(store, alice.user_name).answer == answer
        other = AccountChange(phone_number_limit=7)
        assert set_account(store, alice.user_name, other, ORIGIN).answer == answer


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (SipAnswer(399), InputCode.ANSWER_CODE),
        (SipAnswer(700), InputCode.ANSWER_CODE),
        (SipAnswer(603, "a\r\nb"), InputCode.ANSWER_PHRASE),
        (SipAnswer(603, ""), InputCode.ANSWER_PHRASE),
    ],
)
def test_an_answer_that_no_switch_can_give_is_refused(
    store: Store, alice: Account, answer: SipAnswer, code: InputCode
) -> None:
    """The setting beside it is not kept either."""
    change = AccountChange(timezone="UTC", answer=answer)
    with pytest.raises(InvalidInput) as refused:
        set_account(store, alice.user_name, change, ORIGIN)
    assert [each.code for each in refused.value.problems] == [code]
    assert get_account(store, alice.user_name) == alice


def test_an_answer_is_one_accounts_own(store: Store, alice: Account) -> None:
    """Bob's switch goes on as before."""
    bob = new_account(store)
    set_answer(store, alice, SipAnswer(404))
    assert get_account(store, bob.user_name).answer == DECLINE


def test_a_setting_needs_the_revision_that_was_read(store: Store, alice: Account) -> None:
    """An older one changes nothing; a new phone number makes it older, for its count is shown."""
    own_number(store, alice, "desk", "9812345678")
    assert revision_of(get_account(store, alice.user_name)) != revision_of(alice)
    old = revision_of(get_account(store, alice.user_name))
    change = AccountChange(answer=SipAnswer(486))
    now = set_account(store, alice.user_name, change, ORIGIN, old)
    with pytest.raises(PreconditionFailed):
        set_account(store, alice.user_name, AccountChange(timezone="UTC"), ORIGIN, old)
    assert get_account(store, alice.user_name) == now
    change = AccountChange(timezone="UTC")
    assert set_account(store, alice.user_name, change, ORIGIN, revision_of(now))
