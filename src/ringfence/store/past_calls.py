"""Calls that were screened, as they are read again: one by its id, many for a replay."""

from ringfence.errors import ScreeningNotFound
from ringfence.model.block_groups import Direction
from ringfence.store.database import Transaction

PARTY = f"case direction when '{Direction.OUTBOUND.value}' then called else calling end"


def select_party(tx: Transaction, account_id: int, screening_id: int) -> str:
    """Return the number of a call's other side, as it is kept. Raises ScreeningNotFound."""
    row = tx.one(
        f"select {PARTY} from screening where account_id = ? and screening_id = ?",
        (account_id, screening_id),
    )
    if row is None:
        raise ScreeningNotFound
    return str(row[0])
