"""Answers kept for whoever asks the same again, in the database."""

from datetime import datetime
from typing import NamedTuple

from ringfence.store.database import Transaction
from ringfence.store.times import to_ms


class AnswerKey(NamedTuple):
    """Which answer: the API key of whoever asked, and what it calls its request."""

    key_id: int
    idempotency_key: str


class KeptAnswer(NamedTuple):
    """What was asked, as a digest, and the answer, sealed."""

    fingerprint: str
    answer: str


def select_kept_answer(
    tx: Transaction, account_id: int, key: AnswerKey, since: datetime
) -> KeptAnswer | None:
    """Return an answer that was kept after the moment `since`, or None."""
    row = tx.one(
        "select fingerprint, answer from kept_answer "
        "where account_id = ? and key_id = ? and idempotency_key = ? and created_at > ?",
        (account_id, *key, to_ms(since)),
    )
    return None if row is None else KeptAnswer(*row)


def insert_kept_answer(
    tx: Transaction, account_id: int, key: AnswerKey, kept: KeptAnswer, at: datetime
) -> None:
    """Keep an answer, in the place of one that is too old to count."""
    tx.run(
        "insert into kept_answer "
        "(account_id, key_id, idempotency_key, fingerprint, answer, created_at) "
        "values (?, ?, ?, ?, ?, ?) on conflict (account_id, key_id, idempotency_key) "
        "do update set fingerprint = excluded.fingerprint, answer = excluded.answer, "
        "created_at = excluded.created_at",
        (account_id, *key, *kept, to_ms(at)),
    )
