"""Screening in the thread of the event loop, from a store that is a file: no thread, no waiting.

Whoever calls is recognised, and the account's policy remembered, for as long as the store has the
version at which that was seen. Where it has another, the account's last change tells whether
anything of this account is different. The entries themselves are read for every call.
"""

from ringfence.core.credentials import digest_of
from ringfence.core.screening.policies import Policies, Policy, is_current
from ringfence.model.accounts import Caller
from ringfence.store import Transaction, api_keys
from ringfence.store.database import Nearby

MAX_GUESTS = 16_384
"""How many callers are remembered."""


def credential_of(key: bytes) -> bytes:
    """Return what stands for a key, as a header has it: its digest, for no key is kept."""
    return bytes.fromhex(digest_of(key.decode("latin-1")))


class Guest:
    """A caller who was let in, and the policy of the account, as of a version of the store."""

    __slots__ = ("key_id", "policy", "version")

    def __init__(self, caller: Caller, policy: Policy, version: int) -> None:
        self.key_id = caller.key_id
        self.policy = policy
        self.version = version


class NearbyScreening:
    """Recognises callers between `begin` and `end`, of which there may be many."""

    def __init__(self, reader: Nearby, policies: Policies) -> None:
        self._reader = reader
        self._version = 0
        self._guests: dict[bytes, Guest] = {}
        # Shared by the keys of an account, and with the threads: it may be a hundred kilobytes.
        self._policies = policies
        self.transaction: Transaction = reader.transaction

    def begin(self) -> None:
        """Begin to read what the store holds now. Raises Unavailable."""
        self._version = self._reader.begin()

    def end(self) -> None:
        """Let go of it."""
        self._reader.end()

    def guest(self, credential: bytes) -> Guest | None:
        """Return who has the key of this `credential_of`, or None where it lets nobody in."""
        guest = self._guests.get(credential)
        if guest is None or guest.version != self._version:
            guest = self._welcome(credential, guest)
        return guest

    def knows(self, credential: bytes) -> bool:
        """Whether somebody was let in with it lately; whether they would be now is for `guest`."""
        return credential in self._guests

    def _welcome(self, credential: bytes, known: Guest | None) -> Guest | None:
        if known is not None and is_current(self.transaction, known.policy):
            known.version = self._version
            return known
        self._guests.pop(credential, None)
        caller = api_keys.select_caller(self.transaction, credential.hex())
        if caller is None:
            return None
        if len(self._guests) >= MAX_GUESTS:
            self._guests.clear()
        policy = self._policies.current(self.transaction, caller.account.account_id)
        guest = self._guests[credential] = Guest(caller, policy, self._version)
        return guest
