"""The decision: may this call ring."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ringfence.core.protection import always_rings
from ringfence.errors import InputCode, InvalidInput, Problem
from ringfence.model.accounts import Account
from ringfence.model.block_groups import BlockedNumber
from ringfence.model.numbers import E164, is_spelled, normalise_by_libphonenumber
from ringfence.model.spellings import is_emergency_spelling
from ringfence.store import Store, Transaction, blocked_numbers


class Disposition(StrEnum):
    """What to do with a call."""

    PASS = "pass"  # noqa: S105  not a password
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Screening:
    """A decision about one number, with the entry that decided it and those that lost."""

    number: str
    disposition: Disposition
    winner: BlockedNumber | None = None
    others: tuple[BlockedNumber, ...] = ()


def screen(store: Store, account: Account, number: str, *, at: datetime) -> Screening:
    """Decide whether a call with `number`, in any spelling, may ring at the moment `at`.

    Protected and allowed numbers always pass. Otherwise the most specific live entry of a group
    that enforces wins: the number itself, then the longest prefix; then the longest-lasting, then
    the lowest group id. Digits that are no possible phone number, such as an extension, cannot be
    blocked and pass. Raises InvalidInput for what is no number at all.

    The direction of a call and the scope of a group are not looked at yet: a group counts for
    every call, whatever it is set to.
    """
    found = normalise_by_libphonenumber(number, account.region)
    if found is None and (is_spelled(number) or is_emergency_spelling(number, account.region)):
        return Screening(number, Disposition.PASS)
    if found is None:
        rule = f"{number!r} is not a possible phone number in region {account.region}"
        raise InvalidInput(Problem(InputCode.PHONE_NUMBER_NOT_NUMERIC, "number", rule, number))
    return store.read(lambda tx: _screen(tx, account, found, at))


def _screen(tx: Transaction, account: Account, number: E164, at: datetime) -> Screening:
    if always_rings(tx, account, number, at):
        return Screening(number, Disposition.PASS)
    blocks = blocked_numbers.select_blocks(tx, account.account_id, number, at)
    if not blocks:
        return Screening(number, Disposition.PASS)
    return Screening(number, Disposition.BLOCK, blocks[0], tuple(blocks[1:]))
