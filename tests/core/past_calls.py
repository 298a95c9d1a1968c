"""Calls that were screened, put into the store as whoever stores them does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from ringfence.model.accounts import Account
from ringfence.model.block_groups import Direction
from ringfence.model.calls import Disposition, Reason
from ringfence.model.screening_ids import first_id_at
from ringfence.store import Store

_low_bits = count()


@dataclass(frozen=True)
class PastCall:
    """A call as it is kept: numbers in E.164, `withheld`, hashed, or as sent."""

    at: datetime
    calling: str = "+919812300001"
    called: str = "+918041230001"
    direction: Direction = Direction.INBOUND
    skill: str | None = None
    disposition: Disposition = Disposition.PASS
    reason: Reason = Reason.NOT_BLOCKED

    @property
    def party(self) -> str:
        """The number of the other side."""
        return self.called if self.direction is Direction.OUTBOUND else self.calling


def keep_calls(store: Store, account: Account, calls: Sequence[PastCall]) -> list[int]:
    """Store calls, and return the ids of their screenings."""
    ids = [first_id_at(call.at) + next(_low_bits) for call in calls]
    rows = [
        (
            *(account.account_id, screening_id, call.calling, call.called, call.direction.value),
            *(call.skill, call.disposition.value, call.reason.value),
        )
        for screening_id, call in zip(ids, calls, strict=True)
    ]
    store.write(
        lambda tx: tx.run_many(
            "insert into screening (account_id, screening_id, calling, called, direction, skill, "
            "disposition, reason, latency_us) values (?, ?, ?, ?, ?, ?, ?, ?, 1)",
            rows,
        )
    )
    return ids


def keep_call(store: Store, account: Account, call: PastCall) -> int:
    """Store one call, and return the id of its screening."""
    return keep_calls(store, account, [call])[0]
