"""Tokens: whom they let in, until when, and how many there are."""

import hmac
import json
from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import jwt
import pytest

from ringfence.core.accounts import set_account
from ringfence.core.credentials import create_key, revoke_key
from ringfence.core.tokens import (
    LIFE,
    LIMIT,
    LIMIT_WITHIN,
    authenticate_by_setting,
    authenticate_token,
    generate_token,
)
from ringfence.errors import (
    ApiKeyMissing,
    NotAuthenticated,
    RingfenceError,
    TokenExpired,
    TokenInvalid,
    TokenLimitReached,
    TokenMissing,
    UserNameMissing,
)
from ringfence.model.accounts import Account, AccountChange, ApiAuthentication, Caller
from ringfence.store import OpenStore, open_store
from tests.core.outcomes import outcome
from tests.core.people import NOW, ORIGIN, new_account

SECOND = timedelta(seconds=1)
SECRET = bytes(32)
KEY_ID = 1


@pytest.fixture
def alice(store: OpenStore) -> Account:
    """Return an account."""
    return new_account(store)


def generate(store: OpenStore, account: Account, at: datetime = NOW) -> str:
    """Make a token by the account's first key."""
    return generate_token(store, account, KEY_ID, at=at)


def refusal(store: OpenStore, account: Account, token: str | None, at: datetime = NOW) -> object:
    """Return the class of the error that a token draws, or None where it lets in."""
    told = outcome(lambda: authenticate_token(store, account, token, at=at))
    if not isinstance(told, RingfenceError):
        return None
    assert told.facts == {"user_name": account.user_name}
    return type(told)


def claims_of(token: str) -> dict[str, Any]:
    """Return what a token says."""
    return jwt.decode(token, options={"verify_signature": False})


def secret_of(store: OpenStore) -> bytes:
    """Return what tokens are signed with."""
    row = store.read(lambda tx: tx.one("select secret from signing_secret"))
    assert row is not None
    return bytes.fromhex(row[0])


def part(content: object) -> str:
    """Return a part of a token."""
    text = content if isinstance(content, str) else json.dumps(content)
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_a_token_lets_its_account_in(store: OpenStore, alice: Account) -> None:
    """The caller is told by account and by the key that the token was made by."""
    made, _ = create_key(store, alice, ORIGIN)
    token = generate_token(store, alice, made.key_id, at=NOW)
    assert authenticate_token(store, alice, token, at=NOW) == Caller(alice, made.key_id)


def test_a_token_says_whose_it_is_and_until_when(store: OpenStore, alice: Account) -> None:
    """By the registered claims of RFC 7519, signed with HMAC-SHA-256."""
    token = generate(store, alice)
    claims = claims_of(token)
    jti = claims.pop("jti")
    issued_s = int(NOW.timestamp())
    expected = {"iss": "ringfence", "sub": alice.user_name, "iat": issued_s}
    assert claims == {**expected, "exp": issued_s + 3600}
    assert len(jti) == 43
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
    assert claims_of(generate(store, alice))["jti"] != jti


def test_a_token_lives_for_an_hour(store: OpenStore, alice: Account) -> None:
    """To the second."""
    token = generate(store, alice)
    assert refusal(store, alice, token, NOW + LIFE - SECOND) is None
    assert refusal(store, alice, token, NOW + LIFE) is TokenExpired


def test_a_new_token_ends_the_one_before(store: OpenStore, alice: Account) -> None:
    """Of any number the newest alone is live."""
    tokens = [generate(store, alice) for _ in range(3)]
    assert [refusal(store, alice, each) for each in tokens] == [TokenExpired, TokenExpired, None]


def test_a_token_ends_with_its_key(store: OpenStore, alice: Account) -> None:
    """A key is revoked because somebody has it who should not, and so may have its token."""
    made, _ = create_key(store, alice, ORIGIN)
    token = generate_token(store, alice, made.key_id, at=NOW)
    revoke_key(store, alice, KEY_ID, ORIGIN)
    assert refusal(store, alice, token) is None
    revoke_key(store, alice, made.key_id, ORIGIN)
    assert refusal(store, alice, token) is TokenExpired


def test_no_token_is_told_apart_from_a_wrong_one(store: OpenStore, alice: Account) -> None:
    """Also before any account ever had a token."""
    for _ in range(2):
        assert refusal(store, alice, None) is TokenMissing
        assert refusal(store, alice, "") is TokenMissing
        assert refusal(store, alice, "x") is TokenInvalid
        generate(store, new_account(store))


def test_the_token_of_another_account_is_invalid(store: OpenStore, alice: Account) -> None:
    """Whether the account has one of its own or not."""
    foreign = generate(store, new_account(store))
    assert refusal(store, alice, foreign) is TokenInvalid
    generate(store, alice)
    assert refusal(store, alice, foreign) is TokenInvalid


def signed(header: object, claims: object, secret: bytes, digest: str = "sha256") -> str:
    """Return a token made by hand, whatever its parts are."""
    content = f"{part(header)}.{part(claims)}"
    signature = hmac.digest(secret, content.encode(), digest)
    return f"{content}.{urlsafe_b64encode(signature).decode().rstrip('=')}"


HEADER = {"alg": "HS256", "typ": "JWT"}


def test_a_token_made_by_hand_is_as_good(store: OpenStore, alice: Account) -> None:
    """Were it not, the tests below would show nothing."""
    claims = claims_of(generate(store, alice))
    assert refusal(store, alice, signed(HEADER, claims, secret_of(store))) is None


@pytest.mark.parametrize("algorithm", ["none", "None", "HS384", "HS512", "RS256", "", None, 1])
@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_another_algorithm_is_invalid(
    store: OpenStore, alice: Account, algorithm: object, digest: str
) -> None:
    """With the right secret too, and with no signature at all."""
    claims = claims_of(generate(store, alice))
    token = signed({**HEADER, "alg": algorithm}, claims, secret_of(store), digest)
    assert refusal(store, alice, token) is TokenInvalid
    assert refusal(store, alice, token[: token.rindex(".") + 1]) is TokenInvalid


def test_another_secret_is_invalid(store: OpenStore, alice: Account) -> None:
    """Whatever the token says."""
    claims = claims_of(generate(store, alice))
    assert refusal(store, alice, signed(HEADER, claims, SECRET)) is TokenInvalid


@pytest.mark.parametrize("claim", ["iss", "sub", "iat", "exp", "jti"])
def test_a_claim_that_is_missing_or_another_is_refused(
    store: OpenStore, alice: Account, claim: str
) -> None:
    """Even under the right signature."""
    claims = claims_of(generate(store, alice))
    without = {name: value for name, value in claims.items() if name != claim}
    assert refusal(store, alice, signed(HEADER, without, secret_of(store))) is TokenInvalid
    if claim in {"iss", "sub"}:
        other = signed(HEADER, {**claims, claim: "other"}, secret_of(store))
        assert refusal(store, alice, other) is TokenInvalid


def test_an_id_that_was_never_given_out_has_ended(store: OpenStore, alice: Account) -> None:
    """Or was, and its store was replaced by an older backup."""
    claims = {**claims_of(generate(store, alice)), "jti": "other"}
    assert refusal(store, alice, signed(HEADER, claims, secret_of(store))) is TokenExpired


HOSTILE = {
    "nested without end": "[" * 60_000,
    "objects without end": '{"a":' * 20_000,
    "a number without end": '{"alg":"HS256","a":' + "9" * 50_000 + "}",
    "a list": "[]",
    "null": "null",
    "no JSON": "{",
    "NUL": '{"alg":"HS256\0"}',
    "what it has to have understood": '{"alg":"HS256","crit":["x"],"x":1}',
    "a body that is elsewhere": '{"alg":"HS256","b64":false,"crit":["b64"]}',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_token_is_invalid(store: OpenStore, alice: Account, name: str) -> None:
    """In its header, which is read before the signature is, and in its body."""
    claims = claims_of(generate(store, alice))
    for secret in (SECRET, secret_of(store)):
        assert refusal(store, alice, signed(HOSTILE[name], claims, secret)) is TokenInvalid
    assert refusal(store, alice, signed(HEADER, HOSTILE[name], SECRET)) is TokenInvalid


def test_a_key_of_its_own_makes_no_token_valid(store: OpenStore, alice: Account) -> None:
    """The header may say what it was signed with; nobody believes it."""
    claims = claims_of(generate(store, alice))
    header = {**HEADER, "jwk": {"kty": "oct", "k": part(SECRET.decode())}}
    assert refusal(store, alice, signed(header, claims, SECRET)) is TokenInvalid


@pytest.mark.parametrize(
    "token", [".", "..", "...", "a.b.c", "x" * 60_000, "\0", "ä.ö.ü", " ", "a b", "%00", "\n"]
)
def test_what_is_no_token_is_invalid(store: OpenStore, alice: Account, token: str) -> None:
    """Whatever the bytes."""
    generate(store, alice)
    assert refusal(store, alice, token) is TokenInvalid


def test_ten_an_hour(store: OpenStore, alice: Account) -> None:
    """Each counts for an hour from its own moment; the refused one ends nothing."""
    tokens = [generate(store, alice, NOW + n * SECOND) for n in range(LIMIT)]
    last = NOW + LIMIT_WITHIN - SECOND
    for at in (NOW + LIMIT * SECOND, last):
        with pytest.raises(TokenLimitReached):
            generate(store, alice, at)
    assert refusal(store, alice, tokens[-1], last) is None
    generate(store, new_account(store), last)
    generate(store, alice, NOW + LIMIT_WITHIN)
    with pytest.raises(TokenLimitReached):
        generate(store, alice, NOW + LIMIT_WITHIN)


def test_no_more_than_ten_are_kept(store: OpenStore, alice: Account) -> None:
    """What no longer counts is forgotten when the next is made."""
    for hour in range(3):
        for _ in range(LIMIT):
            generate(store, alice, NOW + hour * LIMIT_WITHIN)
    assert store.read(lambda tx: tx.one("select count(*) from token")) == (LIMIT,)


def test_parallel_callers_get_ten_together(store: OpenStore, alice: Account) -> None:
    """Of forty attempts ten succeed, and one of the ten tokens is live."""

    def attempt(_: int) -> str | None:
        try:
            return generate(store, alice)
        except TokenLimitReached:
            return None

    with ThreadPoolExecutor(16) as pool:
        tokens = [token for token in pool.map(attempt, range(40)) if token]
    assert len(tokens) == LIMIT
    assert [refusal(store, alice, each) for each in tokens].count(None) == 1


def test_the_first_tokens_of_all_have_one_secret(store: OpenStore) -> None:
    """Though each of those who ask at once brings one."""
    accounts = [new_account(store) for _ in range(16)]
    with ThreadPoolExecutor(16) as pool:
        tokens = list(pool.map(lambda each: generate(store, each), accounts))
    told = [refusal(store, *pair) for pair in zip(accounts, tokens, strict=True)]
    assert told == [None] * len(accounts)
    assert len(secret_of(store)) == 32


def test_all_of_it_outlives_a_restart(store: OpenStore, alice: Account, database_url: str) -> None:
    """The live token, and how many there were."""
    tokens = [generate(store, alice) for _ in range(LIMIT)]
    store.close()
    again = open_store(database_url)
    try:
        assert refusal(again, alice, tokens[-1]) is None
        assert refusal(again, alice, tokens[0]) is TokenExpired
        with pytest.raises(TokenLimitReached):
            generate(again, alice)
    finally:
        again.close()


def test_what_lets_in_is_the_accounts_setting(store: OpenStore, alice: Account) -> None:
    """The other is not looked at, right or wrong; the setting counts at once."""
    _, key = create_key(store, alice, ORIGIN)
    token = generate(store, alice)
    name = alice.user_name

    def told(sent_key: str | None, sent_token: str | None) -> object:
        answer = outcome(lambda: authenticate_by_setting(store, name, sent_key, sent_token, at=NOW))
        return type(answer) if isinstance(answer, RingfenceError) else None

    assert [told(key, None), told(key, "x"), told(None, token)] == [None, None, ApiKeyMissing]
    assert told("x", token) is NotAuthenticated
    set_account(store, name, AccountChange(api_authentication=ApiAuthentication.TOKEN), ORIGIN)
    assert [told(None, token), told("x", token), told(key, None)] == [None, None, TokenMissing]
    assert told(key, "x") is TokenInvalid


@pytest.mark.parametrize("name", ["nobody", "a\0", "x" * 100_000, "a:b", "ä", " "])
def test_an_unknown_user_is_told_before_anything_else(store: OpenStore, name: str) -> None:
    """Also a name that no account can have, which no database is asked for."""
    for key, token in ((None, None), ("x", None), (None, "x")):
        with pytest.raises(NotAuthenticated) as refused:
            authenticate_by_setting(store, name, key, token, at=NOW)
        assert type(refused.value) is NotAuthenticated
    with pytest.raises(UserNameMissing):
        authenticate_by_setting(store, "", "x", "x", at=NOW)
