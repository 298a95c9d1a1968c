"""In the database: what protects a number of an account from being blocked."""

from collections.abc import Sequence
from datetime import datetime

from ringfence.model.protection import Protection, Protector
from ringfence.store.blocked_numbers import in_chunks, marks
from ringfence.store.database import Transaction
from ringfence.store.times import to_ms


def select_protections(
    tx: Transaction, account_id: int, numbers: Sequence[str], at: datetime
) -> dict[str, Protection]:
    """Return what protects those of `numbers` (E.164) that the account keeps from being blocked.

    Its own phone numbers, and the allowed numbers that are protected at the moment `at`.
    """
    found: dict[str, Protection] = {}
    for some in in_chunks(numbers):
        allowed = tx.all(
            "select pattern, allowed_number_id from allowed_number "
            f"where account_id = ? and pattern in ({marks(some)}) "
            "and protected = 1 and (expires_at is null or expires_at > ?)",
            (account_id, *some, to_ms(at)),
        )
        found |= {row[0]: Protection(Protector.ALLOWED_NUMBER, row[1]) for row in allowed}
        own = tx.all(
            "select number_key, phone_number_id, name from phone_number "
            f"where account_id = ? and number_key in ({marks(some)})",
            (account_id, *some),
        )
        found |= {row[0]: Protection(Protector.PHONE_NUMBER, *row[1:]) for row in own}
    return found
