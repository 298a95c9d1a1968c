"""The command as a whole: how it fails, and with which exit code."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ringfence import __version__
from ringfence.cli import accounts
from ringfence.core.accounts import create_account
from ringfence.model.accounts import AccountDraft
from ringfence.store import open_store
from tests.cli.commands import Run, every_command, run_process, start
from tests.cli.stores import NOW, block

EXAMPLES: dict[tuple[str, ...], tuple[str, ...]] = {
    ("serve",): ("--port", "0"),
    ("check",): ("alice", "9812345678"),
    ("config",): (),
    ("account", "create"): ("alice",),
    ("account", "list"): (),
    ("scrub",): ("alice", "-"),
    ("replay",): ("alice", "Spam"),
    ("agent-blocks", "list"): ("alice",),
    ("agent-blocks", "extend"): ("alice", "1", "--for-good"),
    ("agent-blocks", "undo"): ("alice", "1"),
    ("account", "legacy"): (),
    ("account", "show"): ("alice",),
    ("account", "set"): ("alice",),
    ("key", "create"): ("alice",),
    ("key", "import"): ("alice",),
    ("key", "list"): ("alice",),
    ("key", "revoke"): ("alice", "1"),
    ("skill", "add"): ("alice", "Sales"),
    ("skill", "list"): ("alice",),
    ("skill", "remove"): ("alice", "General"),
    ("import", "file"): ("alice", "numbers.csv"),
    ("import", "apply"): ("0123456789abcdef01234567",),
    ("import", "undo"): ("0123456789abcdef01234567",),
    ("import", "list"): ("alice",),
    ("import", "show"): ("0123456789abcdef01234567",),
    ("import", "failed"): ("0123456789abcdef01234567",),
    ("export",): ("alice",),
    ("db", "upgrade"): (),
    ("db", "status"): (),
    ("db", "backup"): ("backup.db",),
    ("db", "restore"): ("backup.db",),
    ("db", "copy"): ("sqlite:///var/ringfence.db", "sqlite:///copy.db"),
}
"""Every command with words that it takes."""

MAKING = {("serve",), ("account", "create"), ("db", "upgrade"), ("db", "restore")}
STORELESS = {("config",)}
LOOKING_ELSEWHERE_FIRST = {
    ("serve",): "at the port",
    ("db", "restore"): "at the backup",
    ("db", "copy"): "at the two URLs that it takes as arguments",
}
NAMING = {words for words, rest in EXAMPLES.items() if "alice" in rest} - MAKING
KEY = "KK0123456789abcdef"


@pytest.fixture
def engine() -> str:
    """Return the store of commands that fail before they use it, or are run as processes."""
    return "sqlite"


def ids(words: object) -> str:
    """Return the name of a command."""
    return " ".join(words) if isinstance(words, tuple) else str(words)


def assert_trouble(code: int, out: str, err: str) -> None:
    """Check that a command failed as all do: 2, nothing printed, one line of why."""
    assert (code, out) == (2, "")
    assert re.fullmatch(r"ringfence: [^\n]+\n", err)


def test_every_command_is_tried_here() -> None:
    """A new command has to be added to the examples."""
    assert set(every_command()) == set(EXAMPLES)


@pytest.mark.parametrize("words", sorted(set(EXAMPLES) - MAKING - STORELESS), ids=ids)
def test_a_missing_store_is_trouble(ringfence: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    """It is not made in passing; the line says how to make one."""
    failed = ringfence(*words, *EXAMPLES[words], stdin=KEY)
    assert_trouble(failed.code, failed.out, failed.err)
    assert "ringfence db upgrade --database sqlite:///var/ringfence.db" in failed.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", sorted(NAMING), ids=ids)
def test_an_unknown_account_is_trouble(ringfence: Run, words: tuple[str, ...]) -> None:
    """The line names it."""
    ringfence("db", "upgrade")
    failed = ringfence(*words, *EXAMPLES[words], stdin=KEY)
    assert_trouble(failed.code, failed.out, failed.err)
    assert "there is no account alice" in failed.err


@pytest.mark.parametrize(
    "words",
    sorted(set(EXAMPLES) - STORELESS - {("serve",)} - set(LOOKING_ELSEWHERE_FIRST)),
    ids=ids,
)
@pytest.mark.parametrize("url", ["mysql://u:hidden@h/db", "sqlite:///", "nonsense"])
def test_a_url_of_another_kind_is_trouble(ringfence: Run, words: tuple[str, ...], url: str) -> None:
    """Whichever command gets it; the line says which are right and shows no password."""
    failed = ringfence(*words, *EXAMPLES[words], "--database", url, stdin=KEY)
    assert_trouble(failed.code, failed.out, failed.err)
    assert "sqlite:///relative.db" in failed.err
    assert "hidden" not in failed.err


def test_a_server_that_is_not_there_is_trouble(ringfence: Run) -> None:
    """The line says who refused, and shows no password."""
    failed = ringfence("account", "list", "--database", "postgresql://u:hidden@127.0.0.1:1/db")
    assert_trouble(failed.code, failed.out, failed.err)
    assert "127.0.0.1" in failed.err
    assert "hidden" not in failed.err


@pytest.mark.parametrize("url", ["sqlite:////dev/null/x.db", "sqlite:////"])
def test_a_store_that_cannot_be_made_is_trouble(ringfence: Run, url: str) -> None:
    """A file in the way of a folder, a folder in the way of the file."""
    failed = ringfence("db", "upgrade", "--database", url)
    assert_trouble(failed.code, failed.out, failed.err)


@pytest.mark.parametrize(
    "words",
    [["nonsense"], ["account"], [], ["account", "nonsense"], ["account", "list", "--nonsense"]],
)
def test_words_that_make_no_command_are_trouble(ringfence: Run, words: list[str]) -> None:
    """1 would be an answer, and these are none."""
    failed = ringfence(*words)
    assert failed.code == 2
    assert "Traceback" not in failed.err


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["account", "--help"], ["check", "-h"]])
def test_help_is_no_trouble(ringfence: Run, words: list[str]) -> None:
    """It goes to standard output, so that it can be paged."""
    helped = ringfence(*words)
    assert (helped.code, helped.err) == (0, "")
    assert "Usage:" in helped.out


def test_it_tells_its_version(ringfence: Run) -> None:
    """One line."""
    told = ringfence("--version")
    assert (told.code, told.out) == (0, f"ringfence {__version__}\n")


@pytest.mark.parametrize(
    ("error", "code"), [(RuntimeError("odd"), 2), (SystemExit(1), 2), (KeyboardInterrupt(), 130)]
)
@pytest.mark.usefixtures("alice")
def test_the_unexpected_is_trouble(
    ringfence: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int
) -> None:
    """Whatever happens must not look like an answer."""

    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr(accounts, "list_accounts", fail)
    failed = ringfence("account", "list")
    assert (failed.code, failed.out) == (code, "")
    assert ("RuntimeError: odd" in failed.err) == isinstance(error, RuntimeError)


def test_a_taken_port_is_trouble_before_anything_is_made(tmp_path: Path) -> None:
    """Otherwise a demo key would be made that nobody sees."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        failed = run_process("serve", "--port", port, folder=tmp_path)
    assert_trouble(failed.code, failed.out, failed.err)
    assert f"cannot listen on 127.0.0.1 port {port}" in failed.err
    assert list(tmp_path.iterdir()) == []


def test_a_url_of_another_kind_is_trouble_to_the_server_too(tmp_path: Path) -> None:
    """Before anything listens."""
    words = ("serve", "--port", "0", "--database", "mysql://u:hidden@h/db")
    failed = run_process(*words, folder=tmp_path)
    assert_trouble(failed.code, failed.out, failed.err)
    assert "hidden" not in failed.err


def test_an_argument_that_is_no_text_is_trouble(tmp_path: Path) -> None:
    """One line, and no traceback."""
    failed = run_process("check", os.fsdecode(b"a\xff"), "9812345678", folder=tmp_path)
    assert_trouble(failed.code, failed.out, failed.err)
    assert "no text" in failed.err


def test_it_runs_as_a_module(tmp_path: Path) -> None:
    """`python -m ringfence`: made by one process, found and blocked in the next, exit code too."""
    made = run_process("account", "create", "alice", folder=tmp_path)
    assert (made.code, made.err) == (0, "")
    stored = run_process("key", "import", "alice", folder=tmp_path, stdin=f"{KEY}\n".encode())
    assert (stored.code, stored.out) == (0, "Key 2 of alice is stored.\n")
    assert run_process("check", "alice", "9812345678", folder=tmp_path).code == 1
    block(tmp_path, "Spam", "9812345678", None)
    assert run_process("check", "alice", "9812345678", folder=tmp_path).code == 0


def test_a_command_that_serves_nothing_loads_no_server() -> None:
    """The libraries of the server would take as long to load as everything else together."""
    told = "print(*sorted({'fastapi', 'starlette', 'uvicorn', 'ringfence'} & {*sys.modules}))"
    loaded = subprocess.run(
        [sys.executable, "-c", f"import sys, ringfence.cli.main; {told}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout == "ringfence\n"


@pytest.mark.parametrize("words", [["account", "list"], ["check", "alice", "9812345678"]])
def test_a_reader_that_has_gone_is_trouble(tmp_path: Path, words: list[str]) -> None:
    """An answer that nobody got must not look like "not blocked"."""
    store = open_store(f"sqlite:///{tmp_path}/var/ringfence.db", create=True)
    create_account(store, AccountDraft("alice"), at=NOW)
    store.close()
    block(tmp_path, "Spam", "9812345678", None)
    read, write = os.pipe()
    os.close(read)
    with start(*words, folder=tmp_path, stdout=write, stderr=subprocess.PIPE) as process:
        os.close(write)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 2, err
