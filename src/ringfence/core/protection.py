"""What keeps numbers from being blocked, and what lets a call ring whatever blocks it.

The account's own phone numbers, allowed numbers marked protected, and the emergency numbers of its
region: none of them can be put into a group, and a call of theirs always rings. An allowed number
that is not protected may stand in a group and rings all the same.
"""

from collections.abc import Sequence
from datetime import datetime

from ringfence.errors import NumberProtected
from ringfence.model.accounts import Account
from ringfence.model.blocked_numbers import BlockedEntry
from ringfence.model.numbers import E164, is_emergency
from ringfence.model.patterns import Kind, kind_of
from ringfence.model.protection import EMERGENCY, PROTECTOR_NAMES, Protection
from ringfence.store import Transaction, protection


def protections_of(
    tx: Transaction, account: Account, numbers: Sequence[E164], at: datetime
) -> dict[str, Protection]:
    """Return what protects those of `numbers` that may not be blocked at the moment `at`."""
    emergency = {number: EMERGENCY for number in numbers if is_emergency(number, account.region)}
    return emergency | protection.select_protections(tx, account.account_id, numbers, at)


def refuse_protected(tx: Transaction, account: Account, pattern: str, at: datetime) -> None:
    """Raise NumberProtected where a pattern is a number that may not be blocked."""
    if kind_of(pattern) is not Kind.EXACT:
        return
    number = E164(pattern)
    found = protections_of(tx, account, [number], at).get(number)
    if found is not None:
        raise NumberProtected(protector=PROTECTOR_NAMES[found.kind])


def refuse_longer(
    tx: Transaction, account: Account, entry: BlockedEntry, until: datetime | None, at: datetime
) -> None:
    """Raise NumberProtected where a protected number would be blocked for longer than it is."""
    if entry.expires_at is not None and (until is None or until > entry.expires_at):
        refuse_protected(tx, account, entry.pattern, at)
