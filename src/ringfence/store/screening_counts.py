"""Calls a minute, by group and by what became of them, out of the database."""

from dataclasses import dataclass

from ringfence.store.database import Row, Transaction, Value


@dataclass(frozen=True, slots=True)
class CountRange:
    """Minutes since 1970 from `low` up to but without `high`, added up in steps of so many.

    `block_group_id` is None for every group.
    """

    low: int
    high: int
    step: int
    block_group_id: int | None = None


def select_counts(
    tx: Transaction, account_id: int, wanted: CountRange, after: tuple[int, int, str], limit: int
) -> list[Row]:
    """Return up to `limit` counts: minute of the step, group (0 is none), what became, calls.

    In that order, those behind `after`, which is the first three of a row.
    """
    group, values = _of_group(wanted)
    at, last_group, last_counted = after
    return tx.all(
        "select at, block_group_id, disposition, sum(calls) from "
        f"(select minute - minute % {wanted.step} as at, block_group_id, disposition, calls "
        f"from screening_count where account_id = ? and minute >= ? and minute < ? {group}) "
        "as counted where at > ? or (at = ? and (block_group_id > ? "
        "or (block_group_id = ? and disposition > ?))) "
        "group by at, block_group_id, disposition order by at, block_group_id, disposition limit ?",
        (
            *(account_id, wanted.low, wanted.high, *values),
            *(at, at, last_group, last_group, last_counted, limit),
        ),
    )


def select_first_minute(tx: Transaction, account_id: int, wanted: CountRange) -> int | None:
    """Return the first minute in a range of which there is a count, or None."""
    row = tx.one(
        "select minute from screening_count where account_id = ? and minute >= ? and minute < ? "
        "order by minute limit 1",
        (account_id, wanted.low, wanted.high),
    )
    return None if row is None else int(row[0])


def _of_group(wanted: CountRange) -> tuple[str, tuple[Value, ...]]:
    if wanted.block_group_id is None:
        return "", ()
    return "and block_group_id = ?", (wanted.block_group_id,)
