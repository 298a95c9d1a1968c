"""The verbs of screening for whoever has a store and an account: one call, or many numbers."""

from collections.abc import Sequence
from datetime import datetime

from ringfence.core.screening.deciding import Case, Decision, decide
from ringfence.core.screening.explaining import explain
from ringfence.core.screening.many import decide_many
from ringfence.core.screening.policies import Policies, Policy
from ringfence.errors import InputCode, InvalidInput, Problem
from ringfence.model.accounts import Account
from ringfence.model.calls import MAX_CALLS, Call, Screening
from ringfence.store import Store, Transaction
from ringfence.store.times import to_ms


def screen(
    store: Store, account: Account, policies: Policies, call: Call, *, at: datetime
) -> tuple[Policy, Decision, Screening]:
    """Decide whether a call may ring at the moment `at`, by the entries held now, and say why.

    Returns what it was decided by, the decision, and its explanation.
    """

    def screen_now(tx: Transaction) -> tuple[Policy, Decision, Screening]:
        policy = policies.current(tx, account.account_id)
        case = Case(tx, policy, call, to_ms(at))
        decision = decide(case)
        return policy, decision, explain(case, decision)

    return store.read(screen_now)


def screen_many(
    store: Store,
    account: Account,
    policies: Policies,
    numbers: Sequence[str],
    call: Call,
    *,
    at: datetime,
) -> list[Decision]:
    """Decide about calls of up to 10,000 numbers, which are otherwise like `call`, in their order.

    Raises InvalidInput.
    """
    if not 1 <= len(numbers) <= MAX_CALLS:
        rule = f"one request asks about 1 to {MAX_CALLS:,} numbers"
        raise InvalidInput(Problem(InputCode.NUMBERS_COUNT, "numbers", rule, len(numbers)))
    return store.read(
        lambda tx: decide_many(
            Case(tx, policies.current(tx, account.account_id), call, to_ms(at)), numbers
        )
    )
