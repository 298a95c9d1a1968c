"""API keys: what is kept of them, and whom they let in."""

import base64
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringfence.core.credentials import (
    authenticate,
    create_key,
    digest_of,
    import_key,
    list_keys,
    revoke_key,
)
from ringfence.errors import (
    ApiKeyExists,
    ApiKeyNotFound,
    InputCode,
    InvalidInput,
    NotAuthenticated,
)
from ringfence.model.accounts import Account, Caller
from ringfence.store import OpenStore
from tests.core.people import NOW, ORIGIN, new_account
from tests.store.tables import tables

IMPORTED = "KK0123456789abcdef"


@pytest.fixture
def alice(store: OpenStore) -> Account:
    """Return an account."""
    return new_account(store)


def lets_in(store: OpenStore, account: Account, key: str | None) -> bool:
    """Tell whether `key` lets the account's owner in."""
    try:
        caller = authenticate(store, account.user_name, key)
    except NotAuthenticated:
        return False
    assert caller.account == account, "somebody else was let in"
    return True


def bytes_on_disk(folder: Path) -> bytes:
    """Return every byte of every file that the store has."""
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def test_a_key_lets_its_owner_in(store: OpenStore, alice: Account) -> None:
    """The caller is told by account and by which key."""
    made, key = create_key(store, alice, ORIGIN)
    assert authenticate(store, alice.user_name, key) == Caller(alice, made.key_id)


def test_a_key_has_256_random_bits(store: OpenStore, alice: Account) -> None:
    """No two are alike, and all can stand in a URL as they are."""
    keys = {create_key(store, alice, ORIGIN)[1] for _ in range(50)}
    assert len(keys) == 50
    for key in keys:
        assert key.startswith("rf_")
        assert len(base64.urlsafe_b64decode(key.removeprefix("rf_") + "=")) == 32
        assert all(character.isalnum() or character in "_-" for character in key)


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("closed", [False, True])
def test_no_key_is_on_the_disk(
    store: OpenStore, alice: Account, tmp_path: Path, *, closed: bool
) -> None:
    """Not as it is, not in Base64, not in hexadecimal; only its digest is."""
    _, key = create_key(store, alice, ORIGIN)
    import_key(store, alice, IMPORTED, ORIGIN)
    if closed:
        store.close()
    content = bytes_on_disk(tmp_path)
    for secret in (key, IMPORTED):
        assert digest_of(secret).encode() in content
        for form in (secret.encode(), base64.b64encode(secret.encode()), secret.encode().hex()):
            assert (form if isinstance(form, bytes) else form.encode()) not in content
        assert secret[8:].encode() not in content


def test_no_key_is_in_a_row(store: OpenStore, alice: Account) -> None:
    """Whatever the table, on any database."""
    _, key = create_key(store, alice, ORIGIN)
    import_key(store, alice, IMPORTED, ORIGIN)
    content = repr(store.read(lambda tx: [tx.all(f"select * from {each}") for each in tables(tx)]))
    for secret in (key, IMPORTED):
        assert digest_of(secret) in content
        assert secret[8:] not in content


def test_keys_are_listed_by_their_first_characters(store: OpenStore, alice: Account) -> None:
    """The account's first key is there, with those made and taken over later."""
    made, key = create_key(store, alice, ORIGIN)
    import_key(store, alice, IMPORTED, ORIGIN)
    listed = list_keys(store, alice)
    assert [each.key_id for each in listed] == [1, 2, 3]
    assert listed[1] == made
    assert (listed[1].prefix, listed[2].prefix) == (key[:7], IMPORTED[:2])


@pytest.mark.parametrize("key", [IMPORTED, "rf_abcde", "rf_12345678", "p" * 8])
def test_little_of_an_imported_key_is_shown(store: OpenStore, alice: Account, key: str) -> None:
    """It may be short, or begin as those do that are made here: two characters are enough."""
    assert import_key(store, alice, key, ORIGIN).prefix == key[:2]


@pytest.mark.parametrize(
    ("user_name", "key"), [(None, "key"), ("", "key"), ("name", None), ("name", ""), (None, None)]
)
def test_nobody_comes_in_without_both(
    store: OpenStore, alice: Account, user_name: str | None, key: str | None
) -> None:
    """A missing or an empty user name or key is a wrong one."""
    import_key(store, alice, IMPORTED, ORIGIN)
    name = alice.user_name if user_name == "name" else user_name
    with pytest.raises(NotAuthenticated):
        authenticate(store, name, IMPORTED if key == "key" else key)


def test_a_key_of_another_account_lets_nobody_in(store: OpenStore, alice: Account) -> None:
    """Both accounts exist and both keys are live."""
    bob = new_account(store)
    _, hers = create_key(store, alice, ORIGIN)
    _, his = create_key(store, bob, ORIGIN)
    assert lets_in(store, alice, hers)
    assert not lets_in(store, alice, his)
    assert not lets_in(store, bob, hers)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(st.characters()), st.text(st.characters()))
def test_whatever_is_sent_is_judged(store: OpenStore, user_name: str, key: str) -> None:
    """Blanks, NUL, other alphabets and unpaired surrogates are wrong, not failures."""
    with pytest.raises(NotAuthenticated):
        authenticate(store, user_name, key)


@pytest.mark.parametrize(
    "change", [str.upper, str.lower, lambda key: key + " ", lambda key: key[:-1]]
)
def test_a_key_counts_to_the_letter(store: OpenStore, alice: Account, change: object) -> None:
    """Another case, another end: another key."""
    assert callable(change)
    _, key = create_key(store, alice, ORIGIN)
    assert not lets_in(store, alice, change(key))


@pytest.mark.parametrize("key", ["a" * 8, "a" * 256, "!~:\"'\\%&+=/", "{}[]<>;,"])
def test_it_takes_over_keys_of_visible_ascii(store: OpenStore, alice: Account, key: str) -> None:
    """8 and 256 characters are in; the key works from then on."""
    assert not lets_in(store, alice, key)
    import_key(store, alice, key, ORIGIN)
    assert lets_in(store, alice, key)


@pytest.mark.parametrize(
    "key",
    ["", "a" * 7, "a" * 257, "with blank", "line\nbreak", "ends here\n", "schlüssel", "nul\0nul0"],
)
def test_it_refuses_keys_that_no_client_could_send(
    store: OpenStore, alice: Account, key: str
) -> None:
    """The refusal does not repeat the key."""
    with pytest.raises(InvalidInput) as refused:
        import_key(store, alice, key, ORIGIN)
    problem = refused.value.problems[0]
    assert (problem.code, problem.field) == (InputCode.SETTING_INVALID, "key")
    assert problem.value is None
    assert len(list_keys(store, alice)) == 1


@pytest.mark.parametrize("who", ["same", "other"])
@pytest.mark.parametrize("revoked", [False, True])
def test_a_key_is_taken_over_once(
    store: OpenStore, alice: Account, who: str, *, revoked: bool
) -> None:
    """By whomever, also after it was revoked: a revoked key never comes back."""
    stored = import_key(store, alice, IMPORTED, ORIGIN)
    if revoked:
        revoke_key(store, alice, stored.key_id, ORIGIN)
    taker = alice if who == "same" else new_account(store)
    with pytest.raises(ApiKeyExists):
        import_key(store, taker, IMPORTED, ORIGIN)
    assert lets_in(store, alice, IMPORTED) is not revoked
    assert not lets_in(store, taker, IMPORTED) or taker is alice


def test_a_revoked_key_lets_nobody_in(store: OpenStore, alice: Account) -> None:
    """It stays listed, with when it ended; the other keys stay live."""
    made, key = create_key(store, alice, ORIGIN)
    _, other = create_key(store, alice, ORIGIN)
    revoke_key(store, alice, made.key_id, ORIGIN)
    assert not lets_in(store, alice, key)
    assert lets_in(store, alice, other)
    assert [each.revoked_at for each in list_keys(store, alice)] == [None, NOW, None]


def test_a_key_is_revoked_once(store: OpenStore, alice: Account) -> None:
    """The second time there is no live key of this id, as with an id that never was."""
    made, _ = create_key(store, alice, ORIGIN)
    revoke_key(store, alice, made.key_id, ORIGIN)
    for key_id in (made.key_id, 99, 0, -1):
        with pytest.raises(ApiKeyNotFound):
            revoke_key(store, alice, key_id, ORIGIN)


def test_a_key_of_another_account_cannot_be_revoked(store: OpenStore, alice: Account) -> None:
    """Key ids count by account, so Bob's call means a key of Bob's."""
    bob = new_account(store)
    made, key = create_key(store, alice, ORIGIN)
    with pytest.raises(ApiKeyNotFound):
        revoke_key(store, bob, made.key_id, ORIGIN)
    assert lets_in(store, alice, key)
    assert len(list_keys(store, bob)) == 1
