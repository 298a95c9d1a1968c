"""Calls that were screened, for the tests of activity."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from ringfence.core.group_settings import make_block_group
from ringfence.model.accounts import Account
from ringfence.model.block_groups import Direction
from ringfence.model.calls import Call, Disposition, Reason, Screened
from ringfence.model.group_settings import GroupSettings
from ringfence.model.screening_ids import LOW_BITS, first_id_at
from ringfence.store import Store
from ringfence.store.database import Row
from tests.core.people import NOW, ORIGIN

OWN = "+918041230001"
THEIRS = "+919812300001"
SHAPE: dict[str, Any] = {
    "call": Call(THEIRS, OWN),
    "number": THEIRS,
    "disposition": Disposition.PASS,
    "reason": Reason.NOT_BLOCKED,
    "block_group_id": None,
    "pattern": None,
    "monitors": (),
    "key_id": 1,
    "latency_us": 100,
}


def screened(account: Account, n: int = 0, at: datetime = NOW, **fields: Any) -> Screened:  # noqa: ANN401
    """Return a call at a moment, the `n`th of that millisecond: it passed, unless told."""
    return Screened(account.account_id, first_id_at(at) + n, **{**SHAPE, **fields})


def blocked(account: Account, n: int = 0, at: datetime = NOW, **fields: Any) -> Screened:  # noqa: ANN401
    """Return a call that group 1 blocks by its number."""
    shape = {
        "disposition": Disposition.BLOCK,
        "reason": Reason.NUMBER_BLOCKED,
        "block_group_id": 1,
        "pattern": fields.get("number", THEIRS),
    }
    return screened(account, n, at, **{**shape, **fields})


def outbound(row: Screened) -> Screened:
    """Return a call the other way round."""
    call = row.call._replace(calling=OWN, called=row.call.calling, direction=Direction.OUTBOUND)
    return row._replace(call=call)


def later(**units: float) -> datetime:
    """Return a moment so long after NOW."""
    return NOW + timedelta(**units)


def groups_of(store: Store, account: Account, *names: str) -> None:
    """Make block groups."""
    for name in names:
        make_block_group(store, account, GroupSettings(name), ORIGIN)


def rows(store: Store, table: str, columns: str = "*") -> list[Row]:
    """Return every row of a table, in order."""
    return sorted(store.read(lambda tx: tx.all(f"select {columns} from {table}")), key=repr)


def minute_of(row: Screened) -> int:
    """Return the minute since 1970 of a call."""
    return (row.screening_id >> LOW_BITS) // 60_000


def ids(found: Sequence[Any]) -> list[int]:
    """Return the ids of what is told."""
    return [each.screening_id for each in found]
