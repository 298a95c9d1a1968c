"""Doing a request once, however often it is sent, and telling the same of it each time.

What was answered is kept for 24 hours in the transaction of what was done, so there is never one
without the other. It may hold a secret (a new API key), so it is sealed with the API key of
whoever asked, of which the store has only the digest.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.fernet import Fernet

from ringfence.errors import IdempotencyKeyReused, InputCode, InvalidInput, Problem
from ringfence.model.accounts import Account
from ringfence.store import JoinedStore, Store, Transaction, kept_answers
from ringfence.store.kept_answers import AnswerKey, KeptAnswer

KEPT_FOR = timedelta(hours=24)
MAX_KEY = 255


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: whose, by what name, what it asks (`fingerprint`, a digest of all of it).

    `secret` is the API key it came with.
    """

    key_id: int
    idempotency_key: str
    fingerprint: str
    secret: str


@dataclass(frozen=True, slots=True)
class Told:
    """An answer, and whether it was given before."""

    answer: bytes
    again: bool


def answer_once(
    store: Store, account: Account, asked: Asked, work: Callable[[Store], bytes], *, at: datetime
) -> Told:
    """Return what `work` answers, or what it answered to the same request before.

    An error of `work` comes out and nothing is kept, so the request may be sent again. Raises
    IdempotencyKeyReused where the name stands for another request, InvalidInput for a bad name.
    """
    _check_key(asked.idempotency_key)
    key = AnswerKey(asked.key_id, asked.idempotency_key)

    def answer(tx: Transaction) -> Told:
        tx.lock_account(account.account_id)
        kept = kept_answers.select_kept_answer(tx, account.account_id, key, at - KEPT_FOR)
        if kept is not None:
            return Told(_unseal(kept, asked), again=True)
        told = work(JoinedStore(tx))
        sealed = KeptAnswer(asked.fingerprint, _sealer(asked).encrypt(told).decode())
        kept_answers.insert_kept_answer(tx, account.account_id, key, sealed, at)
        return Told(told, again=False)

    return store.write(answer)


def _check_key(key: str) -> None:
    if not (0 < len(key) <= MAX_KEY and key.isascii() and key.isprintable()):
        rule = f"an Idempotency-Key has 1 to {MAX_KEY} printable ASCII characters"
        raise InvalidInput(
            Problem(InputCode.IDEMPOTENCY_KEY_FORMAT, "header:Idempotency-Key", rule)
        )


def _unseal(kept: KeptAnswer, asked: Asked) -> bytes:
    if kept.fingerprint != asked.fingerprint:
        raise IdempotencyKeyReused
    return _sealer(asked).decrypt(kept.answer.encode())


def _sealer(asked: Asked) -> Fernet:
    """Return a cipher whose key the store cannot know: its digest of the API key is another."""
    digest = hashlib.sha256(b"kept answer\0" + asked.secret.encode("utf-8", "surrogatepass"))
    return Fernet(urlsafe_b64encode(digest.digest()))
