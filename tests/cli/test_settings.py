"""`ringfence config`, and where settings come from."""

from pathlib import Path

import pytest

from ringfence.config import Settings, environment_name
from tests.cli.commands import Run, run_process

WITH_PASSWORD = "postgresql://u:hidden@h:5432/db"


@pytest.fixture
def engine() -> str:
    """Return the store that is taken where no setting names one."""
    return "sqlite"


def test_config_prints_every_setting_with_its_meaning(ringfence: Run) -> None:
    """As text: the variable, its value now, what it means, its default."""
    printed = ringfence("config")
    assert printed.code == 0
    for name, field in Settings.model_fields.items():
        value = f"{environment_name(name)} = {field.default}"
        assert f"{value}\n    {field.description} Default: {field.default}\n" in printed.out


def test_config_prints_every_setting_as_json(ringfence: Run) -> None:
    """In the order in which they are written down."""
    rows = ringfence("config", "--json").json
    assert [row["setting"] for row in rows] == list(Settings.model_fields)
    for row in rows:
        field = Settings.model_fields[row["setting"]]
        assert row == {
            "setting": row["setting"],
            "variable": environment_name(row["setting"]),
            "value": field.default,
            "default": field.default,
            "meaning": field.description,
        }


@pytest.mark.parametrize("as_json", [[], ["--json"]])
@pytest.mark.parametrize("source", ["flag", "environment", "file"])
def test_config_hides_a_password(
    ringfence: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    as_json: list[str],
    source: str,
) -> None:
    """Wherever the URL came from, the rest of it is shown."""
    flag = ["--database", WITH_PASSWORD] if source == "flag" else []
    if source == "environment":
        monkeypatch.setenv("RINGFENCE_DATABASE", WITH_PASSWORD)
    if source == "file":
        (tmp_path / ".env").write_text(f"RINGFENCE_DATABASE={WITH_PASSWORD}\n")
    printed = ringfence("config", *flag, *as_json)
    assert printed.code == 0
    assert "hidden" not in printed.out
    assert "@h:5432/db" in printed.out


def database(ringfence: Run, *words: str) -> str:
    """Return the database that the settings name."""
    rows = ringfence("config", "--json", *words).json
    return str(next(row["value"] for row in rows if row["setting"] == "database"))


def test_a_flag_goes_before_the_environment_before_the_file_before_the_default(
    ringfence: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each alone is heard."""
    assert database(ringfence) == "sqlite:///var/ringfence.db"
    (tmp_path / ".env").write_text("RINGFENCE_DATABASE=sqlite:///file.db\nOTHER=x\n")
    assert database(ringfence) == "sqlite:///file.db"
    monkeypatch.setenv("RINGFENCE_DATABASE", "sqlite:///environment.db")
    assert database(ringfence) == "sqlite:///environment.db"
    assert database(ringfence, "--database", "sqlite:///flag.db") == "sqlite:///flag.db"


@pytest.mark.parametrize("source", ["flag", "environment", "file"])
def test_a_store_is_made_where_the_settings_say(
    ringfence: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    """And found there by the next command."""
    url = "sqlite:///there/it-is.db"
    flag = ["--database", url] if source == "flag" else []
    if source == "environment":
        monkeypatch.setenv("RINGFENCE_DATABASE", url)
    if source == "file":
        (tmp_path / ".env").write_text(f"RINGFENCE_DATABASE={url}\n")
    assert ringfence("account", "create", "alice", *flag).code == 0
    assert (tmp_path / "there" / "it-is.db").is_file()
    assert not (tmp_path / "var").exists()
    assert ringfence("account", "show", "alice", *flag).code == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "abc"), ("PORT", "70000"), ("BUSY_TIMEOUT_S", "-1"), ("LOG_LEVEL", "loud")],
)
def test_a_bad_setting_is_named(
    ringfence: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """By its variable, in one line, by every command that reads it."""
    monkeypatch.setenv(f"RINGFENCE_{name}", value)
    refused = ringfence("config")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith(f"ringfence: setting {name.lower()} (RINGFENCE_{name}): ")
    assert refused.err.count("\n") == 1


def test_the_database_may_be_relative_or_absolute(tmp_path: Path) -> None:
    """Three slashes start at the working directory, four at the root."""
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    here.mkdir()
    for url in ("sqlite:///relative.db", f"sqlite:///{elsewhere}/absolute.db"):
        made = run_process("db", "upgrade", "--database", url, folder=here)
        assert (made.code, made.out, made.err) == (0, f"{url} is up to date.\n", "")
    assert (here / "relative.db").is_file()
    assert (elsewhere / "absolute.db").is_file()
