"""`ringfence account`."""

from pathlib import Path

import pytest

from tests.cli.commands import Run
from tests.cli.stores import block, lets_in

SETTINGS = {
    "region": "IN",
    "timezone": "Asia/Kolkata",
    "phoneNumberLimit": 500,
    "apiAuthentication": "key",
}
UNUSED = {"phoneNumbersUsed": 0, "agentGroup": None, "agentHours": 24}


def test_create_makes_the_store_and_prints_the_key_once(ringfence: Run, tmp_path: Path) -> None:
    """As JSON for a script: what was made, in one order."""
    made = ringfence("account", "create", "alice", "--json")
    assert (made.code, made.err) == (0, "")
    assert list(made.json) == ["userName", "apiKey", *SETTINGS, "skills"]
    key = made.json["apiKey"]
    assert made.json == {"userName": "alice", "apiKey": key, **SETTINGS, "skills": ["General"]}
    assert lets_in(tmp_path, "alice", key)
    assert key not in ringfence("account", "show", "alice").out
    assert key not in ringfence("key", "list", "alice", "--json").out


def test_create_takes_settings_and_skills(ringfence: Run) -> None:
    """As text for a person: names and values in columns."""
    words = ["--region", "US", "--timezone", "America/New_York", "--phone-number-limit", "7"]
    words += ["--api-authentication", "token"]
    made = ringfence("account", "create", "bob", *words, "--skill", "Sales", "--skill", "Service")
    assert made.code == 0
    facts = dict(line.split(maxsplit=1) for line in made.lines)
    assert facts.pop("apiKey").startswith("rf_")
    assert facts == {
        "userName": "bob",
        "region": "US",
        "timezone": "America/New_York",
        "phoneNumberLimit": "7",
        "apiAuthentication": "token",
        "skills": "General, Sales, Service",
    }


@pytest.mark.parametrize(
    "words",
    [
        ["a:b"],
        [""],
        ["new", "--region", "XX"],
        ["new", "--region", "in"],
        ["new", "--timezone", "Mars"],
        ["new", "--phone-number-limit", "-1"],
        ["new", "--phone-number-limit", "many"],
        ["new", "--skill", "a,b"],
        ["new", "--api-authentication", "basic"],
        ["alice"],
        [],
        ["new", "other"],
    ],
)
@pytest.mark.usefixtures("alice")
def test_create_refuses_what_it_cannot_make(ringfence: Run, words: list[str]) -> None:
    """In a sentence on standard error, with exit code 2; nothing is made."""
    refused = ringfence("account", "create", *words)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err
    assert "Traceback" not in refused.err
    assert len(ringfence("account", "list", "--json").json) == 1


def test_list_shows_every_account(ringfence: Run) -> None:
    """By name; a store without accounts says so."""
    ringfence("db", "upgrade")
    assert ringfence("account", "list").lines == ["There are no accounts."]
    assert ringfence("account", "list", "--json").json == []
    for name in ("bob", "alice"):
        ringfence("account", "create", name)
    listed = ringfence("account", "list", "--json").json
    assert [each.pop("userName") for each in listed] == ["alice", "bob"]
    assert listed == [{**SETTINGS, **UNUSED}] * 2
    table = [line.split() for line in ringfence("account", "list").lines]
    assert table[0] == ["userName", *SETTINGS, *UNUSED]
    assert table[2] == ["bob", "IN", "Asia/Kolkata", "500", "key", "0", "-", "24"]


@pytest.mark.usefixtures("alice")
def test_show_tells_one_accounts_settings(ringfence: Run) -> None:
    """The same facts in both forms."""
    shown = ringfence("account", "show", "alice", "--json")
    expected = {"userName": "alice", **SETTINGS, **UNUSED, "skills": ["General"]}
    assert (shown.code, shown.json) == (0, expected)
    facts = dict(line.split(maxsplit=1) for line in ringfence("account", "show", "alice").lines)
    assert facts == {
        **{name: "-" if value is None else str(value) for name, value in expected.items()},
        "skills": "General",
    }


@pytest.mark.usefixtures("alice")
def test_set_changes_what_is_named(ringfence: Run) -> None:
    """And prints what the account is then; naming nothing changes nothing."""
    set_ = ringfence("account", "set", "alice", "--region", "US", "--phone-number-limit", "0")
    assert set_.code == 0
    assert "phoneNumberLimit   0" in set_.lines
    after = ringfence("account", "set", "alice", "--json").json
    assert (after["region"], after["timezone"], after["phoneNumberLimit"]) == (
        *("US", "Asia/Kolkata", 0),
    )


@pytest.mark.usefixtures("alice")
def test_set_changes_what_lets_callers_in(ringfence: Run) -> None:
    """To a token and back; other settings leave it alone."""
    for mode in ("token", "key"):
        set_ = ringfence("account", "set", "alice", "--api-authentication", mode, "--json")
        assert (set_.code, set_.json["apiAuthentication"]) == (0, mode)
        ringfence("account", "set", "alice", "--phone-number-limit", "7")
        shown = ringfence("account", "show", "alice", "--json").json
        assert shown["apiAuthentication"] == mode


@pytest.mark.usefixtures("alice")
def test_set_names_the_group_that_agents_block_into(ringfence: Run, tmp_path: Path) -> None:
    """By its name or its id, and none again; other settings leave it alone."""
    block(tmp_path, "Spam", "9812345678", None)
    for words, group in (
        (["--agent-group", "spam"], 1),
        (["--agent-hours", "8"], 1),
        (["--no-agent-group"], None),
        (["--agent-group", "1"], 1),
    ):
        told = ringfence("account", "set", "alice", *words, "--json").json
        assert told["agentGroup"] == group
    assert told["agentHours"] == 8
    for words in (["--agent-group", "Nope"], ["--agent-group", "1", "--no-agent-group"]):
        assert ringfence("account", "set", "alice", *words).code == 2


@pytest.mark.parametrize(
    "words",
    [
        *(["--region", "XX"], ["--timezone", ""], ["--phone-number-limit", "10000001"]),
        ["--agent-hours", "0"],
    ],
)
@pytest.mark.usefixtures("alice")
def test_set_refuses_bad_settings(ringfence: Run, words: list[str]) -> None:
    """Nothing changes."""
    refused = ringfence("account", "set", "alice", *words)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("ringfence: ")
    shown = ringfence("account", "show", "alice", "--json").json
    assert {name: shown[name] for name in SETTINGS} == SETTINGS
