"""What the commands print: tables for a person, JSON for a script."""

import json
import sys
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import TextIO

from rich.console import Console
from rich.table import Table


def print_json(content: object, file: TextIO | None = None) -> None:
    """Print `content` as JSON, indented, to standard output or to `file`."""
    print(json.dumps(content, ensure_ascii=False, indent=2), file=file)


def print_facts(facts: Mapping[str, object]) -> None:
    """Print names with their values, one a line."""
    width = max(map(len, facts))
    for name, value in facts.items():
        print(f"{name:<{width}}  {_text(value)}")


def print_table(rows: Sequence[Mapping[str, object]], empty: str) -> None:
    """Print `rows` as a table headed by their names, or the sentence `empty`."""
    if not rows:
        print(empty)
        return
    table = Table(*rows[0], box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(_text(value) for value in row.values()))
    if sys.stdout.isatty():
        Console(markup=False, emoji=False).print(table)
        return
    # A pipe gets whole lines: only a terminal has a width to keep to, or to fill.
    console = Console(file=StringIO(), width=1000, markup=False, emoji=False)
    with console.capture() as captured:
        console.print(table)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _text(value: object) -> str:
    if value is None:
        return "-"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
