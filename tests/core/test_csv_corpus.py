"""Files as people send them: what becomes of each is written beside them, in expected.json.

Of a file that is read: the rows that are staged, the lines that fail with their codes, how many are
duplicates. Of one that is refused: the code, and words that say why.
"""

import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ringfence.core.csv_files import open_csv
from ringfence.errors import InvalidInput
from ringfence.model.imports import RowOutcome
from ringfence.store.times import to_ms
from tests.core.imports.reading import GROUP, Row, read, terms

CORPUS = Path(__file__).parent / "csv_corpus"
EXPECTED: dict[str, dict[str, Any]] = json.loads((CORPUS / "expected.json").read_text("utf-8"))
REFUSED = sorted(name for name, expected in EXPECTED.items() if "error" in expected)
READ = sorted(EXPECTED.keys() - REFUSED)
GROUPS = {"spam": 7, "strasse": 12}


def staged(expected: dict[str, Any]) -> list[Row]:
    """Return the rows that are written down."""
    if "count" in expected:
        first = int(expected["staged_from"])
        return [(GROUP, f"+{number}", None, "") for number in range(first, first + 2500)]
    return sorted(row(*each) for each in expected["staged"])


def row(*cells: Any) -> Row:  # noqa: ANN401  as JSON has it
    """Return a row that is written down with its group or without it."""
    group, pattern, expiry, reason = cells if len(cells) == 4 else (GROUP, *cells)
    ms = None if expiry is None else to_ms(datetime.fromisoformat(expiry))
    return group, pattern, ms, reason


def test_every_file_has_its_expectation() -> None:
    """And there are as many as a corpus has."""
    files = {path.name for path in CORPUS.iterdir()} - {"expected.json"}
    assert files == set(EXPECTED)
    assert len(files) >= 32


@pytest.mark.parametrize("name", READ)
def test_a_file_is_read_as_expected(name: str) -> None:
    """Rows, failed lines and duplicates are all that it has, in the order of the key."""
    expected = EXPECTED[name]
    by = terms(None, GROUPS) if expected.get("grouped") else terms()
    found = read((CORPUS / name).read_bytes(), by)
    assert found.staged == staged(expected)
    failed = [[int(each["line"]), each["code"]] for each in found.failed]
    assert failed == expected.get("failed", [])
    counts = dict(found.told.counts)
    assert counts.pop(RowOutcome.DUPLICATE) == expected.get("duplicates", 0)
    assert sum(counts.values()) == len(failed)
    assert found.told.rows == len(found.staged) + len(failed) + expected.get("duplicates", 0)
    assert all(len(each["problem"]) > 10 for each in found.failed)


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_is_refused_as_expected(name: str) -> None:
    """With a code, and a sentence that says what to do."""
    code, words = EXPECTED[name]["error"]
    with pytest.raises(InvalidInput) as refused:
        read((CORPUS / name).read_bytes())
    (problem,) = refused.value.problems
    assert problem.code.value == code
    assert words in problem.message


@pytest.mark.parametrize("name", READ)
def test_a_file_can_be_written_again(name: str) -> None:
    """Byte for byte."""
    data = (CORPUS / name).read_bytes()
    file = open_csv(io.BytesIO(data))
    assert file.preamble + b"".join(file.encode(each.text) for each in file.records()) == data
