"""What came of a chunk, of whichever kind its rows are."""

from typing import NamedTuple

from ringfence.model.imports import Findings


class Failure(NamedTuple):
    """Why a row cannot go into the store."""

    code: str
    problem: str


class Step(NamedTuple):
    """What a chunk would do, or did; `change_id` is None where nothing changed.

    `failures` are lines of CSV with the columns FAILED_COLUMNS, `failed` says how many.
    """

    findings: Findings
    failures: str
    failed: int
    change_id: int | None = None
