"""What holds for the whole of the source: who imports whom, whose words stand where."""

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import FunctionType

import pytest

import ringfence
from ringfence.config import Settings, environment_name

ROOT = Path(__file__).parent.parent
SOURCE = Path(ringfence.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))
LONGEST_FUNCTION = 40
LONGEST_FILE = 300

CORE_WITHOUT_ACCOUNT = {
    "create_account": "makes the account",
    "get_account": "finds the account by its user name",
    "set_account": "finds the account by its user name",
    "list_accounts": "is about all accounts",
    "has_accounts": "is about all accounts",
    "add_path_uses": "is about all accounts",
    "list_path_uses": "is about all accounts",
    "check_ready": "is about the store itself",
    "store_screenings": "is about the calls of all accounts",
    "tidy": "clears away what deleted groups of all accounts left behind",
    "authenticate": "finds the account by user name and key",
    "identify": "finds the account by a key's digest",
    "authenticate_by_setting": "finds the account by user name",
    "find_account": "finds the account by user name",
    "find_owner": "finds the account by the id of an import",
    "left_imports": "is about the imports of all accounts",
}
STORE_WITHOUT_ACCOUNT = {
    "insert_account": "makes the account",
    "select_account": "finds the account by its user name",
    "select_accounts": "is about all accounts",
    "select_caller": "finds the account by a key's digest",
    "select_path_uses": "is about all accounts",
    "select_signing_secret": "is about the tokens of all accounts",
    "forget_old_marks": "is about the writers of all accounts",
    "select_keepings": "is about the calls of all accounts",
    "insert_screenings": "is about the calls of all accounts",
    "add_counts": "is about the calls of all accounts",
    "select_last_change_ids": "is about the calls of all accounts",
    "select_there": "is about the calls of all accounts",
    "add_hits": "is about the calls of all accounts",
    "select_old_activity": "finds the account of the next calls to clear away",
    "select_deleted_group": "finds the account of the next group to clear away",
    "has_old_answers": "is about the answers kept for all accounts",
    "select_account_of_import": "finds the account by the id of an import",
    "select_left_imports": "is about the imports of all accounts",
    "select_old_failures": "finds the account of the next import to clear away",
    "probe": "looks up what the functions beside it ask for, the account among its values",
    "select_spent_import": "finds the account of the next import to clear away",
    "delete_old_answers": "is about the answers kept for all accounts",
}
VENDOR_WORDS = {
    "userName": {"cli/accounts.py", "cli/banner.py"},
    "apiKey": {"cli/accounts.py", "cli/keys.py", "cli/banner.py"},
    "phoneName": {"cli/banner.py"},
    "phoneNumber": {"cli/accounts.py", "cli/banner.py", "cli/skills.py"},
    "blockNumber": {"cli/main.py", "cli/banner.py"},
    "PhoneManage": {"cli/main.py", "cli/banner.py"},
    "CAServices": {"cli/banner.py"},
    'succes"': set(),
    "assignSkill": set(),
    "expiryDate": set(),
    "lastInsertId": set(),
    "affectedRows": set(),
}
"""Where, outside the door, a word of the vendor may stand: in what a person copies."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def name_of(path: Path) -> str:
    """Return a file's path inside the package."""
    return path.relative_to(SOURCE).as_posix()


def definitions(path: Path) -> Iterator[Definition]:
    """Yield every class and function that a file defines."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, Definition):
            yield node


def public(body: list[ast.stmt]) -> Iterator[Definition]:
    """Yield what can be reached from outside: not in a function, not in a private class."""
    for node in body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node
            yield from public(node.body) if isinstance(node, ast.ClassDef) else ()


def functions_of(folder: str) -> Iterator[tuple[str, list[str]]]:
    """Yield every function of a folder's modules with the names of its parameters."""
    for path in sorted((SOURCE / folder).rglob("*.py")):
        place = path.relative_to(SOURCE).with_suffix("")
        module = import_module(".".join(("ringfence", *place.parts)))
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__:
                yield name, parameters(function)


def parameters(function: FunctionType) -> list[str]:
    """Return the names of a function's parameters."""
    return list(inspect.signature(function).parameters)


@pytest.mark.parametrize("folder", ["core", "store", "model", "http", "cloudagent", "cli"])
def test_the_walk_finds_functions(folder: str) -> None:
    """A walk over nothing would prove nothing."""
    assert list(functions_of(folder))


def test_imports_go_right_only() -> None:
    """The contracts in pyproject.toml hold, and there are some."""
    command = Path(sys.executable).with_name("lint-imports")
    linted = subprocess.run(
        [command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert linted.returncode == 0, linted.stdout
    assert re.search(r"Contracts: [1-9]\d* kept, 0 broken", linted.stdout)


@pytest.mark.parametrize("word", VENDOR_WORDS)
def test_vendor_words_stop_at_the_door(word: str) -> None:
    """They stand under cloudagent/, and else only in what a person copies from the command."""
    found = {name_of(path) for path in FILES if word in path.read_text("utf-8")}
    inside = {name for name in found if name.startswith("cloudagent/")}
    assert inside
    assert found - inside == VENDOR_WORDS[word]


def test_a_verb_takes_the_store_then_the_account() -> None:
    """So that no call can forget whose rows it is about."""
    verbs = [(name, each) for name, each in functions_of("core") if each[:1] == ["store"]]
    without = {name for name, each in verbs if each[1:2] != ["account"]}
    assert without == set(CORE_WITHOUT_ACCOUNT)


def test_a_store_function_takes_the_transaction_then_the_account() -> None:
    """Every statement names the account; the exceptions lead to one."""
    nouns = [(name, each) for name, each in functions_of("store") if each[:1] == ["tx"]]
    public = [(name, each) for name, each in nouns if not name.startswith("_")]
    without = {name for name, each in public if each[1:2] not in (["account"], ["account_id"])}
    assert without == set(STORE_WITHOUT_ACCOUNT)


@pytest.mark.parametrize("folder", ["store", "core", "model"])
def test_no_verb_asks_for_the_time(folder: str) -> None:
    """It is given, so that a test and a record agree on it; only upgrades and marks note theirs."""
    asked = re.compile(r"\b(?:now|today|utcnow|time)\(")
    files = (SOURCE / folder).rglob("*.py")
    asking = {name_of(path) for path in files if asked.search(path.read_text("utf-8"))}
    assert asking <= {"store/schema.py", "store/postgres/commit_marks.py"}


@pytest.mark.parametrize("setting", Settings.model_fields)
def test_every_setting_is_written_down(setting: str) -> None:
    """With a meaning in its place, and by its variable where people look first."""
    assert Settings.model_fields[setting].description
    assert environment_name(setting) in (ROOT / "README.md").read_text("utf-8")


def test_the_readme_names_no_setting_that_is_not() -> None:
    """One that was removed or renamed is not left behind."""
    named = set(re.findall(r"RINGFENCE_[A-Z_]+", (ROOT / "README.md").read_text("utf-8")))
    assert named <= {environment_name(name) for name in Settings.model_fields}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_everything_public_says_what_it_is(path: Path) -> None:
    """Modules, classes and functions; what begins with an underscore need not."""
    tree = ast.parse(path.read_text("utf-8"))
    assert ast.get_docstring(tree)
    assert [each.name for each in public(tree.body) if not ast.get_docstring(each)] == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nothing_is_long(path: Path) -> None:
    """A long function or file is a reason to look, not a crime: look before raising the bound."""
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE
    functions = (each for each in definitions(path) if not isinstance(each, ast.ClassDef))
    lengths = {each.name: (each.end_lineno or 0) - each.lineno + 1 for each in functions}
    assert {name: n for name, n in lengths.items() if n > LONGEST_FUNCTION} == {}
