"""How an import is shown: as a table for a person, as names and values for a script."""

from ringfence.cli.output import print_facts, print_table
from ringfence.model.imports import Counts, Import, RowOutcome


def print_preview(found: Import) -> None:
    """Print what the rows of an import would do, with the first of each."""
    print(f"{found.rows:,} rows into {found.target.path}, import {found.import_id}:")
    first = found.preview.first
    rows = [
        {
            "": outcome.value,
            "rows": f"{found.preview.counts.get(outcome, 0):,}",
            "first line": first[outcome].line if outcome in first else None,
            "number": first[outcome].number if outcome in first else None,
            "why": (first[outcome].detail if outcome in first else "") or None,
        }
        for outcome in RowOutcome
    ]
    print_table(rows, "")
    if found.failed:
        print(f"The {found.failed:,} that failed: ringfence import failed {found.import_id}")


def print_import(found: Import) -> None:
    """Print how far an import is, and what its rows did."""
    told = facts(found)
    print_facts({name: told[name] for name in told if not isinstance(told[name], dict)})
    print_facts(
        {f"  {outcome.value}": found.applied.counts.get(outcome, 0) for outcome in RowOutcome}
    )


def facts(found: Import) -> dict[str, object]:
    """Return an import as JSON has it."""
    place = found.position
    return {
        "id": found.import_id,
        "into": found.target.path,
        "state": found.state.value,
        "createdAt": found.created_at.isoformat(timespec="seconds"),
        "rows": found.rows,
        "failed": found.failed,
        "rowsApplied": place.done,
        "preview": _counts(found.preview.counts),
        "applied": _counts(found.applied.counts),
    }


def _counts(counts: Counts) -> dict[str, int]:
    return {outcome.value: counts.get(outcome, 0) for outcome in RowOutcome}
