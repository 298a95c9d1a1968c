"""Database URLs: which are opened, and how they are shown."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.errors import InputCode, InvalidInput
from ringfence.store import describe_url, is_same_store, open_store


def test_three_slashes_are_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It starts at the working directory."""
    monkeypatch.chdir(tmp_path)
    open_store("sqlite:///relative.db", create=True).close()
    assert (tmp_path / "relative.db").is_file()


def test_four_slashes_are_an_absolute_path(tmp_path: Path) -> None:
    """It starts at the root."""
    assert f"sqlite:///{tmp_path}".startswith("sqlite:////")
    open_store(f"sqlite:///{tmp_path}/absolute.db", create=True).close()
    assert (tmp_path / "absolute.db").is_file()


@pytest.mark.parametrize("name", ["a b.db", "é.db", "50%.db", "a?b.db", "a#b.db", "file:x.db"])
def test_a_path_is_taken_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Nothing in it is decoded or cut off."""
    monkeypatch.chdir(tmp_path)
    open_store(f"sqlite:///{name}", create=True).close()
    assert (tmp_path / name).is_file()


@pytest.mark.parametrize(
    "url",
    [
        *("", "sqlite:///", "sqlite://x.db", "sqlite:x.db", "x.db", "/x.db", "SQLITE:///x.db"),
        *(
            "postgresql:h",
            "postgresql://h/db?no=such",
            "mysql://u:hidden@h/db",
            "postgresql://[h/db",
            "http://[",
        ),
    ],
)
def test_other_urls_are_refused(url: str) -> None:
    """The refusal says what would be right."""
    with pytest.raises(InvalidInput, match=r"use sqlite:///relative\.db") as refused:
        open_store(url, create=True)
    problem = refused.value.problems[0]
    assert (problem.code, problem.field) == (InputCode.SETTING_INVALID, "database")
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("sqlite:///a.db", "sqlite:///a.db", True),
        ("sqlite:///a.db", "sqlite:///./x/../a.db", True),
        ("sqlite:///a.db", "sqlite:///link.db", True),
        ("sqlite:///a.db", "sqlite:///b.db", False),
        ("sqlite:///a.db", "postgresql://h/a.db", False),
        ("postgresql://h/db", "postgresql://h/db", True),
        ("postgresql://h/db", "postgresql://h/other", False),
        ("", "", True),
    ],
)
def test_two_names_of_one_store_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one: str, other: str, *, same: bool
) -> None:
    """However a file is reached, whether it exists yet or not."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link.db").symlink_to("a.db")
    assert is_same_store(one, other) is same


def test_a_url_without_a_password_is_shown_as_it_is() -> None:
    """A user name and a port are no secrets."""
    for url in ("sqlite:///x.db", "postgresql://u@h:5432/db", "postgresql://h/db?sslmode=require"):
        assert describe_url(url) == url


@pytest.mark.parametrize("password", ["hidden", "hid@den", "h%40dden", "hid:den", "hid[den"])
def test_a_password_is_not_shown(password: str) -> None:
    """The rest of the URL is."""
    shown = describe_url(f"postgresql://u:{password}@h:5432/db")
    assert password not in shown
    assert shown.startswith("postgresql://u:")
    assert shown.endswith("@h:5432/db")


@pytest.mark.parametrize("password", ["hid/den", "hid#den", "hid?den", "/hidden", "hidden#"])
def test_a_password_that_should_have_been_encoded_is_not_shown(password: str) -> None:
    """A URL with it is wrong, and it is wrong URLs that are printed in full."""
    assert "den" not in describe_url(f"postgresql://u:{password}@h/db")


@pytest.mark.parametrize("user", ["u@corp", "do/main", "", "u%40corp"])
def test_a_password_is_not_shown_whatever_the_user_name(user: str) -> None:
    """A user name may have been left unencoded as well."""
    assert "hidden" not in describe_url(f"postgresql://{user}:hidden@h:5432/db")


@pytest.mark.parametrize(
    "text", ["host=h password=hidden", "password = 'hidden' host=h", "PASSWORD=hidden"]
)
def test_a_password_in_a_connection_string_is_not_shown(text: str) -> None:
    """PostgreSQL's other way of naming a database is no URL, so it comes to be printed."""
    assert "hidden" not in describe_url(text)


@pytest.mark.parametrize(
    "query", ["sslpassword=hidden", "password=hidden", "user=u&password=hidden&sslmode=require"]
)
def test_a_password_in_the_query_is_not_shown(query: str) -> None:
    """PostgreSQL's URLs may carry it there too."""
    assert "hidden" not in describe_url(f"postgresql://h/db?{query}")


@given(st.text() | st.text("sqlite:/@[]?#%. \n\0p").map("pg://".__add__))
def test_any_text_can_be_shown(url: str) -> None:
    """Whatever was given as a URL, telling that it is none does not fail."""
    assert isinstance(describe_url(url), str)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ringfence:hidden/db", "postgresql://ringfence:…/db"),
        ("postgresql:user:hidden@h", "postgresql:user:…@h"),
        ("postgresql://h:5432/db", "postgresql://h:5432/db"),
        ("postgresql://a:5432,b:5433/db", "postgresql://a:5432,b:5433/db"),
        ("postgresql://[::1]:5432/db", "postgresql://[::1]:5432/db"),
        ("postgresql://u@a:1,b:2/db?target_session_attrs=any", None),
    ],
)
def test_what_is_no_port_is_not_shown(url: str, shown: str | None) -> None:
    """A host that was forgotten, or two slashes; a port is no secret."""
    assert describe_url(url) == (shown or url)
