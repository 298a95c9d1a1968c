"""What a key may do, what people call it, and telling a caller by the key alone."""

import pytest

from ringfence.core.credentials import (
    authenticate,
    create_key,
    identify,
    import_key,
    list_keys,
    revoke_key,
)
from ringfence.errors import ApiKeyInvalid, InputCode, InvalidInput
from ringfence.model.accounts import MAX_KEY_LABEL, Account, Caller, KeyDraft, Role
from ringfence.store import Store
from tests.core.people import ORIGIN, new_account

HELD = "KK0123456789abcdef"


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account."""
    return new_account(store)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("label", ["", "front desk", "Vermittlung Köln", "x" * MAX_KEY_LABEL])
def test_a_key_has_a_role_and_a_label(store: Store, alice: Account, role: Role, label: str) -> None:
    """Made here or brought along; the caller is told with the role, whichever way it comes."""
    draft = KeyDraft(role, label)
    made, key = create_key(store, alice, ORIGIN, draft)
    held = import_key(store, alice, HELD, ORIGIN, draft)
    assert [(each.role, each.label) for each in (made, held)] == [(role, label)] * 2
    assert list_keys(store, alice)[1:] == [made, held]
    for each, secret in ((made, key), (held, HELD)):
        expected = Caller(alice, each.key_id, role)
        assert identify(store, secret) == expected
        assert authenticate(store, alice.user_name, secret) == expected


def test_the_first_key_of_an_account_is_an_admins(store: Store, alice: Account) -> None:
    """It can make the others; so can a key of which no role was said."""
    made, _ = create_key(store, alice, ORIGIN)
    assert [each.role for each in list_keys(store, alice)] == [Role.ADMIN, Role.ADMIN]
    assert (made.role, made.label) == (Role.ADMIN, "")


@pytest.mark.parametrize("label", ["x" * (MAX_KEY_LABEL + 1), "a\nb", "\0", "\x1b[31m", "\ud800"])
def test_a_label_that_no_list_can_show_makes_no_key(
    store: Store, alice: Account, label: str
) -> None:
    """The rule tells how long it may be."""
    draft = KeyDraft(Role.AGENT, label)
    for make in (
        lambda: create_key(store, alice, ORIGIN, draft),
        lambda: import_key(store, alice, HELD, ORIGIN, draft),
    ):
        with pytest.raises(InvalidInput, match="up to 100") as refused:
            make()
        [problem] = refused.value.problems
        assert (problem.code, problem.field) == (InputCode.SETTING_INVALID, "label")
    assert len(list_keys(store, alice)) == 1


def test_keys_are_listed_in_pages(store: Store, alice: Account) -> None:
    """By id, the revoked ones too, and those of this account alone."""
    create_key(store, new_account(store), ORIGIN)
    for n in range(4):
        create_key(store, alice, ORIGIN, KeyDraft(Role.AGENT, f"key {n}"))
    revoke_key(store, alice, 3, ORIGIN)
    listed = [
        [each.key_id for each in list_keys(store, alice, after, 2)] for after in (0, 2, 4, 5, 99)
    ]
    assert listed == [[1, 2], [3, 4], [5], [], []]
    assert [each.revoked_at is None for each in list_keys(store, alice, 2, 2)] == [False, True]


@pytest.mark.parametrize("key", [None, "", "rf_", "x" * 300, "\0", "\ud800", HELD.lower()])
def test_nobody_is_known_by_what_is_no_live_key(
    store: Store, alice: Account, key: str | None
) -> None:
    """Missing, never made, or nearly one."""
    import_key(store, alice, HELD, ORIGIN)
    with pytest.raises(ApiKeyInvalid):
        identify(store, key)


def test_a_revoked_key_is_nobodys(store: Store, alice: Account) -> None:
    """From the next request on."""
    made, key = create_key(store, alice, ORIGIN, KeyDraft(Role.ENFORCER))
    assert identify(store, key).role is Role.ENFORCER
    revoke_key(store, alice, made.key_id, ORIGIN)
    with pytest.raises(ApiKeyInvalid):
        identify(store, key)
