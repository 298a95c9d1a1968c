"""The command line as a script sees it: run, exit code, what was printed."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import typer

from ringfence.cli.main import app

MODULE = (sys.executable, "-m", "ringfence")


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401  whatever was printed
        """Return what was printed, read as JSON."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        """Return the lines that were printed, without the blanks at their ends."""
        return [line.rstrip() for line in self.out.splitlines()]


Run: TypeAlias = Callable[..., Outcome]


def start(*words: str, folder: Path, **options: Any) -> "subprocess.Popen[bytes]":  # noqa: ANN401
    """Start the command as a process of its own in `folder`, with no settings but given ones."""
    env = {name: value for name, value in os.environ.items() if "RINGFENCE" not in name}
    env["PYTHONIOENCODING"] = "utf-8:strict"  # what Python makes of an ordinary locale, not C
    return subprocess.Popen([*MODULE, *words], cwd=folder, env=env, **options)


def run_process(*words: str, folder: Path, stdin: bytes = b"") -> Outcome:
    """Run the command as a process of its own in `folder`."""
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with start(*words, folder=folder, **pipes) as process:
        out, err = process.communicate(stdin, timeout=30)
    return Outcome(process.returncode, out.decode(), err.decode())


def every_command() -> dict[tuple[str, ...], Any]:
    """Return every command there is, by the words that call it."""
    return dict(_commands(typer.main.get_command(app), ()))


def _commands(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:  # noqa: ANN401
    if not hasattr(command, "commands"):
        yield words, command
        return
    for name, each in command.commands.items():
        yield from _commands(each, (*words, name))
