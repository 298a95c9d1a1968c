"""`ringfence key`."""

import re
from pathlib import Path

import pytest

from tests.cli.commands import Run, every_command, run_process
from tests.cli.stores import lets_in

HELD = "KK0123456789abcdef"


@pytest.mark.usefixtures("alice")
def test_create_prints_a_key_that_works(ringfence: Run, tmp_path: Path) -> None:
    """Alone on its line, so that a script can take it as it is; or with its id, as JSON."""
    made = ringfence("key", "create", "alice")
    assert made.code == 0
    assert re.fullmatch(r"rf_[A-Za-z0-9_-]{43}\n", made.out)
    as_json = ringfence("key", "create", "alice", "--json").json
    assert list(as_json) == ["id", "apiKey"]
    assert as_json["id"] == 3
    for key in (made.out.strip(), as_json["apiKey"]):
        assert lets_in(tmp_path, "alice", key)


@pytest.mark.usefixtures("alice")
def test_a_key_has_a_role_and_a_label(ringfence: Run) -> None:
    """Made here or taken over, both are shown in the list; without them, it is an admin's."""
    assert ringfence("key", "create", "alice", "--role", "agent", "--label", "front desk").code == 0
    words = ("key", "import", "alice", "--role", "enforcer", "--label", "switch")
    assert ringfence(*words, stdin=HELD).code == 0
    listed = ringfence("key", "list", "alice", "--json").json
    shown = [(key["id"], key["role"], key["label"]) for key in listed]
    assert shown == [(1, "admin", None), (2, "agent", "front desk"), (3, "enforcer", "switch")]
    assert "front desk" in ringfence("key", "list", "alice").out


@pytest.mark.parametrize("words", [("--role", "owner"), ("--label", "a" * 101), ("--label", "\n")])
@pytest.mark.parametrize("command", ["create", "import"])
@pytest.mark.usefixtures("alice")
def test_a_bad_role_or_label_makes_no_key(
    ringfence: Run, command: str, words: tuple[str, str]
) -> None:
    """Neither a role that there is not, nor a label that no list could show."""
    refused = ringfence("key", command, "alice", *words, stdin=HELD)
    assert (refused.code, refused.out) == (2, "")
    assert len(ringfence("key", "list", "alice", "--json").json) == 1


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
@pytest.mark.usefixtures("alice")
def test_import_reads_a_key_from_standard_input(ringfence: Run, tmp_path: Path, end: str) -> None:
    """With the end of line that echo adds, or without."""
    stored = ringfence("key", "import", "alice", stdin=HELD + end)
    assert (stored.code, stored.out) == (0, "Key 2 of alice is stored.\n")
    assert lets_in(tmp_path, "alice", HELD)


@pytest.mark.usefixtures("alice")
def test_import_tells_what_is_shown_of_the_key(ringfence: Run) -> None:
    """As JSON: its id, its first characters and since when; the key is not repeated."""
    stored = ringfence("key", "import", "alice", "--json", stdin="a" * 256 + "\r\n")
    assert stored.json.pop("createdAt")
    assert {**stored.json, "createdAt": ""} == {
        "id": 2,
        "startsWith": "aa",
        "role": "admin",
        "label": None,
        "createdAt": "",
        "revokedAt": None,
    }
    again = ringfence("key", "import", "alice", stdin="a" * 256)
    assert (again.code, again.out) == (2, "")
    assert "aaa" not in again.err


@pytest.mark.parametrize(
    "sent",
    [
        *("", "\n", "short", "two words", f"{HELD}\n{HELD}", f" {HELD}"),
        *("a" * 257, "a" * 5000, "a" * 256 + "\r\na"),
    ],
)
@pytest.mark.usefixtures("alice")
def test_import_refuses_what_is_no_key(ringfence: Run, sent: str) -> None:
    """Without repeating it: it may have been a key with a slip."""
    refused = ringfence("key", "import", "alice", stdin=sent)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == "ringfence: a key has 8 to 256 visible ASCII characters\n"
    assert len(ringfence("key", "list", "alice", "--json").json) == 1


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.usefixtures("alice")
def test_import_refuses_bytes_that_are_no_text(tmp_path: Path) -> None:
    """In a sentence, as anything else that is no key."""
    refused = run_process("key", "import", "alice", folder=tmp_path, stdin=b"\xff\xfe12345678\n")
    assert (refused.code, refused.out) == (2, "")
    assert "Traceback" not in refused.err


def test_list_shows_keys_by_their_first_characters(ringfence: Run, alice: str) -> None:
    """In a table, or as JSON."""
    listed = ringfence("key", "list", "alice", "--json")
    [key] = listed.json
    assert (key["id"], key["startsWith"], key["revokedAt"]) == (1, alice[:7], None)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", key["createdAt"])
    heads, row = (line.split() for line in ringfence("key", "list", "alice").lines)
    assert heads == ["id", "startsWith", "role", "label", "createdAt", "revokedAt"]
    assert row == ["1", alice[:7], "admin", "-", key["createdAt"], "-"]


def test_revoke_ends_a_key(ringfence: Run, alice: str) -> None:
    """Once; it cannot be taken over again either."""
    revoked = ringfence("key", "revoke", "alice", "1")
    assert (revoked.code, revoked.out) == (0, "Key 1 of alice is revoked.\n")
    assert ringfence("key", "list", "alice", "--json").json[0]["revokedAt"]
    for again in (
        ringfence("key", "revoke", "alice", "1"),
        ringfence("key", "import", "alice", stdin=alice),
    ):
        assert (again.code, again.out) == (2, "")
        assert again.err.startswith("ringfence: ")


@pytest.mark.parametrize("key_id", ["2", "0", "x", "-1", ""])
@pytest.mark.usefixtures("alice")
def test_revoke_refuses_what_is_no_live_key(ringfence: Run, key_id: str) -> None:
    """Of this account; the live one stays so."""
    assert ringfence("key", "revoke", "alice", "--", key_id).code == 2
    assert ringfence("key", "list", "alice", "--json").json[0]["revokedAt"] is None


def test_no_command_takes_a_secret_as_a_word() -> None:
    """Anybody on the machine can read the words of a process; `tls_key` names a file."""
    names = {param.name for command in every_command().values() for param in command.params}
    secret = {name for name in names if re.search("key|token|secret|password", name)}
    assert secret == {"key_id", "tls_key"}
