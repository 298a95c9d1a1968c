"""What decides about an account's calls beside the entries themselves, read once and remembered.

Every change of an account has a number (store/changes.py), so a policy is good for as long as the
account's last change is the one it was read after. Entries are looked up for every call.
"""

from collections.abc import Mapping, Sequence

from ringfence.model.accounts import Account
from ringfence.model.number_plans import PlainLines, plain_lines, plain_reader
from ringfence.model.skills import skill_key
from ringfence.store import Transaction, screening, skills
from ringfence.store.changes import select_last_change_id
from ringfence.store.screening import GroupRule, Provenance, Standing

MOST_PROVENANCES = 1_000
"""Of how many batches it is remembered who made them."""


class Policy:
    """An account as of one of its changes; its groups and skills are read when they are needed."""

    def __init__(self, standing: Standing) -> None:
        self.account: Account = standing.account
        self.change_id = standing.change_id
        self.look = standing.look
        self.plain: PlainLines = plain_lines(standing.account.region)
        self.read_plain = plain_reader(standing.account.region)
        self._rules: dict[int, GroupRule | None] = {}
        self._skills: dict[str, int] | None = None
        self._provenances: dict[int, Provenance] = {}

    def rule(self, tx: Transaction, block_group_id: int) -> GroupRule | None:
        """Return what a group does, or None where it is deleted."""
        try:
            return self._rules[block_group_id]
        except KeyError:
            found = screening.select_group_rule(tx, self.account.account_id, block_group_id)
            self._rules[block_group_id] = found
            return found

    def provenances(self, tx: Transaction, batch_ids: Sequence[int]) -> Mapping[int, Provenance]:
        """Return who put the entries of batches there, by the ids of those."""
        unknown = sorted({each for each in batch_ids if each not in self._provenances})
        if unknown:
            if len(self._provenances) >= MOST_PROVENANCES:
                self._provenances = {}
                unknown = sorted(set(batch_ids))
            account_id = self.account.account_id
            self._provenances |= screening.select_provenances(tx, account_id, unknown)
        return self._provenances

    def skill_id(self, tx: Transaction, name: str) -> int | None:
        """Return the id of a skill by its name, or None where the account has none of that name."""
        if self._skills is None:
            self._skills = skills.select_ids(tx, self.account.account_id)
        return self._skills.get(skill_key(name))


def read_policy(tx: Transaction, account_id: int) -> Policy:
    """Return the policy of an account as it is now."""
    return Policy(screening.select_standing(tx, account_id))


def is_current(tx: Transaction, policy: Policy) -> bool:
    """Tell whether nothing of the account has changed since the policy was read."""
    return select_last_change_id(tx, policy.account.account_id) == policy.change_id


class Policies:
    """The policies of the accounts that called lately; safe to share between threads.

    Two threads may read the same policy at once: one of both is kept.
    """

    def __init__(self, most: int = 4096) -> None:
        self._most = most
        self._known: dict[int, Policy] = {}

    def current(self, tx: Transaction, account_id: int) -> Policy:
        """Return the policy of an account as it is now."""
        policy = self._known.get(account_id)
        if policy is None or not is_current(tx, policy):
            policy = read_policy(tx, account_id)
            if len(self._known) >= self._most:
                self._known.clear()
            self._known[account_id] = policy
        return policy
