"""What the tests of the command line share."""

import io
import os
import sys
from pathlib import Path

import pytest

from ringfence.cli.main import main
from tests.cli.commands import Outcome, Run
from tests.cli.stores import DATABASE

TERMINAL_HINTS = {"FORCE_COLOR", "NO_COLOR", "COLUMNS", "TTY_COMPATIBLE", "TTY_INTERACTIVE"}


@pytest.fixture
def ringfence(
    engine: str,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Return what runs the command in an empty folder, with no settings but those of a test.

    On SQLite the store is where no setting says otherwise; PostgreSQL has to be named.
    """
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("RINGFENCE_") or name in TERMINAL_HINTS:
            monkeypatch.delenv(name)
    if engine == "postgresql":
        monkeypatch.setenv(DATABASE, database_url)

    def run(*words: str, stdin: str = "") -> Outcome:
        monkeypatch.setattr(sys, "argv", ["ringfence", *words])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main()
        assert isinstance(stopped.value.code, int)
        return Outcome(stopped.value.code, *capsys.readouterr())

    return run


@pytest.fixture
def alice(ringfence: Run) -> str:
    """Return the key of the account alice, on a store of its own."""
    made = ringfence("account", "create", "alice", "--json")
    return str(made.json["apiKey"])
