"""What reading a file yields, as lines of text, by which one process tells it to another.

A part is a line of JSON; that of a chunk is followed by its rows and its lines, as they are.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import IO, Any

from ringfence.core.child_processes import refusal, refused
from ringfence.errors import InvalidInput
from ringfence.model.imports import (
    FailedRows,
    Kind,
    Part,
    ReadingTerms,
    ReadSummary,
    RowOutcome,
    ShownRow,
    StagedChunk,
    Target,
)


def write_terms(terms: ReadingTerms) -> str:
    """Return terms as JSON."""
    told = {
        "kind": terms.target.kind,
        "block_group_id": terms.target.block_group_id,
        "region": terms.region,
        "timezone": terms.timezone,
        "at": terms.at.isoformat(),
        "groups": dict(terms.groups),
        "skills": sorted(terms.skills),
    }
    return json.dumps(told)


def read_terms(text: str) -> ReadingTerms:
    """Return the terms that `write_terms` wrote."""
    told = json.loads(text)
    return ReadingTerms(
        target=Target(Kind(told["kind"]), told["block_group_id"]),
        region=told["region"],
        timezone=told["timezone"],
        at=datetime.fromisoformat(told["at"]),
        groups=told["groups"],
        skills=frozenset(told["skills"]),
    )


def write_part(part: Part) -> str:
    """Return a part as lines."""
    match part:
        case StagedChunk(block_group_id, count, rows, lines, reasons):
            told = {"group": block_group_id, "count": count, "reasons": reasons}
            return f"{_line('chunk', told)}{rows}\n{lines}\n"
        case FailedRows(text):
            return _line("failed", {"text": text})
        case ReadSummary(rows, counts, first):
            shown = {outcome: asdict(row) for outcome, row in first.items()}
            return _line("summary", {"rows": rows, "counts": dict(counts), "first": shown})


def write_refusal(error: InvalidInput) -> str:
    """Return as a line that the file was refused."""
    return _line("refusal", {"problems": refusal(error)})


def read_parts(stream: IO[bytes]) -> Iterator[Part]:
    """Yield the parts whose lines `stream` has; one that is cut off is none.

    Raises InvalidInput where they tell that the file was refused.
    """
    while (line := _whole(stream.readline())) is not None:
        told = json.loads(line)
        match told.pop("part"):
            case "chunk":
                rows, lines = _whole(stream.readline()), _whole(stream.readline())
                if rows is None or lines is None:
                    return
                reasons = tuple(told["reasons"])
                yield StagedChunk(told["group"], told["count"], rows, lines, reasons)
            case "failed":
                yield FailedRows(told["text"])
            case "summary":
                yield _summary(told)
            case _:
                raise refused(told["problems"])


def _line(part: str, told: dict[str, Any]) -> str:
    return f"{json.dumps({'part': part, **told})}\n"


def _whole(line: bytes) -> str | None:
    return line[:-1].decode() if line.endswith(b"\n") else None


def _summary(told: dict[str, Any]) -> ReadSummary:
    counts = {RowOutcome(outcome): count for outcome, count in told["counts"].items()}
    first = {RowOutcome(outcome): ShownRow(**row) for outcome, row in told["first"].items()}
    return ReadSummary(told["rows"], counts, first)
