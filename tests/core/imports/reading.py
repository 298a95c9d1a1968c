"""Reading files in tests: what was staged, what failed, in a form that can be written down."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ringfence.core.imports.reading import read_rows
from ringfence.core.imports.row_problems import failed_header
from ringfence.model.imports import (
    CHUNK_ROWS,
    FailedRows,
    Kind,
    Part,
    ReadingTerms,
    ReadSummary,
    StagedChunk,
    Target,
)

AT = datetime(2026, 6, 1, tzinfo=UTC)
GROUP = 7

Row = tuple[int, str, int | None, str]
"""A staged row: its group, pattern, expiry in ms, reason."""


@dataclass
class Found:
    """All that reading a file yielded."""

    staged: list[Row] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    chunks: list[StagedChunk] = field(default_factory=list)
    failed_text: str = ""
    summary: ReadSummary | None = None

    @property
    def told(self) -> ReadSummary:
        """The summary, which came last."""
        assert self.summary is not None
        return self.summary

    @property
    def failed(self) -> list[dict[str, str]]:
        """The failed rows as a file of them has them."""
        return list(
            csv.DictReader(
                io.StringIO(failed_header(Kind.BLOCKED_NUMBERS) + self.failed_text, newline="")
            )
        )


def terms(
    group: int | None = GROUP, groups: Mapping[str, int] | None = None, region: str = "IN"
) -> ReadingTerms:
    """Return the terms of an Indian account."""
    target = Target(Kind.BLOCKED_NUMBERS, group)
    return ReadingTerms(target, region, "Asia/Kolkata", AT, groups or {})


def read(data: bytes, by: ReadingTerms | None = None) -> Found:
    """Return what the file `data` has."""
    return gather(read_rows(io.BytesIO(data), by or terms()))


def gather(parts: Iterable[Part]) -> Found:
    """Return what `parts` are together, and see to it that each keeps its promises."""
    found = Found()
    for part in parts:
        assert found.summary is None, "it comes last"
        match part:
            case StagedChunk():
                _add(found, part)
            case FailedRows(text):
                assert not found.chunks, "they come as they are found"
                assert 0 < len(text.encode()) <= 65_536
                found.failed_text += text
            case ReadSummary():
                found.summary = part
    return found


def _add(found: Found, chunk: StagedChunk) -> None:
    rows, lines = json.loads(chunk.rows), json.loads(chunk.lines)
    assert 1 <= len(rows) == len(lines) == chunk.count <= CHUNK_ROWS
    assert len(set(chunk.reasons)) == len(chunk.reasons) >= 1
    assert {row[2] for row in rows} == set(range(len(chunk.reasons)))
    assert chunk.block_group_id is not None
    found.chunks.append(chunk)
    found.lines += lines
    found.staged += [
        (chunk.block_group_id, pattern, expiry, chunk.reasons[reason])
        for pattern, expiry, reason in rows
    ]
