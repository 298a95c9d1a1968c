"""Plays every golden file against the real app and store: the contract, byte for byte."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from ringfence.app import create_app
from ringfence.config import Settings
from ringfence.core.accounts import AccountDraft, create_account
from ringfence.model.accounts import ApiAuthentication
from ringfence.store import OpenStore
from tests.asgi import Answer, App, call
from tests.cloudagent.covered import COVERED
from tests.cloudagent.golden_files import (
    TOKEN,
    Exchange,
    GoldenFile,
    captured,
    encoded,
    expand,
    read_all,
)
from tests.conftest import Clock

FILES = read_all()


@dataclass
class World:
    """An app with two accounts, and every word of theirs that no answer may show."""

    app: App
    words: dict[str, str] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)


@pytest.mark.parametrize("golden", FILES, ids=lambda golden: golden.name.removesuffix(".http"))
def test_golden(
    golden: GoldenFile,
    store: OpenStore,
    clock: Clock,
    database_url: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Every exchange is answered as the file says, and nothing shows a secret."""
    world = World(create_app(store, settings(golden, database_url), clock=clock))
    open_account(world, store, clock, draft("marigold", golden.account), "")
    open_account(world, store, clock, draft("periwinkle", {}), "other_")
    for exchange in golden.exchanges:
        clock.now = exchange.now or clock.now
        check(golden, exchange, play(world, exchange), world)
    assert not shown(world, "".join(capfd.readouterr())), "the log shows a secret"


def test_every_covered_row_has_its_file() -> None:
    """No row of the contract is without a file, and each row has one of its own."""
    files = sorted(COVERED.values())
    assert sorted(set(files) - {golden.name for golden in FILES}) == []
    assert files == sorted(set(files))


def test_no_two_files_say_the_same() -> None:
    """The first comment line tells every file from every other."""
    first = [golden.comments[0] for golden in FILES]
    assert sorted(set(first)) == sorted(first)


def settings(golden: GoldenFile, database_url: str) -> Settings:
    """Return the settings that the file asks for."""
    wanted: dict[str, Any] = {"database": database_url, **golden.settings}
    return Settings(**wanted, auth_delay_max_s=0)


def draft(user_name: str, wishes: Mapping[str, str]) -> AccountDraft:
    """Return the account that the file asks for."""
    return AccountDraft(
        user_name,
        region=wishes.get("region", "IN"),
        timezone=wishes.get("timezone", "Asia/Kolkata"),
        phone_number_limit=int(wishes.get("phone_number_limit", "500")),
        skills=tuple(filter(None, wishes.get("skills", "").split(","))),
        api_authentication=ApiAuthentication(wishes.get("api_authentication", "key")),
    )


def open_account(
    world: World, store: OpenStore, clock: Clock, wanted: AccountDraft, prefix: str
) -> None:
    """Create an account and learn its words."""
    key = create_account(store, wanted, at=clock.now).key
    basic = encoded(f"{wanted.user_name}:{key}")
    world.words |= {f"{prefix}key": key, f"{prefix}user": wanted.user_name}
    world.words |= {f"{prefix}basic": basic}
    world.secrets += [key, basic, encoded(key)]


def play(world: World, exchange: Exchange) -> Answer:
    """Send the request of one exchange."""
    target = expand(exchange.target, world.words)
    headers = exchange.request_headers(world.words)
    return call(world.app, exchange.method, target, headers, exchange.request_body(world.words))


def check(golden: GoldenFile, exchange: Exchange, answer: Answer, world: World) -> None:
    """Judge one answer by the file and by the rules for every answer."""
    where = f"{golden.name}:{exchange.line}"
    tokens = captured(exchange.answer, answer.body.decode())
    world.words |= tokens
    assert answer.body.decode() == expected_body(exchange, answer, world), where
    assert answer.status == exchange.status, where
    for name, value in exchange.answer_headers:
        wanted = "" if value == "(none)" else value
        assert methods(answer.header(name)) == methods(wanted), f"{where}: {name}"
    assert answer.header("Content-Type") == "application/json", where
    assert answer.header("X-Request-ID"), f"{where}: no X-Request-ID"
    assert not shown(world, f"{answer.headers} {answer.body.decode()}"), f"{where}: a secret"
    world.secrets += tokens.values()


def expected_body(exchange: Exchange, answer: Answer, world: World) -> str:
    """Return the text that the answer must have; where any will do, its own if it is JSON."""
    if exchange.answer == "(empty)":
        return ""
    if exchange.answer == "(any)":
        assert isinstance(json.loads(answer.body), dict)
        return answer.body.decode()
    return expand(TOKEN.sub(r"{\1}", exchange.answer), world.words)


def methods(allow: str | None) -> list[str]:
    """Return the elements of a list header sorted: their order has no meaning."""
    return sorted(element.strip() for element in (allow or "").split(","))


def shown(world: World, text: str) -> list[str]:
    """Return the secrets that stand in the text."""
    return [secret for secret in world.secrets if secret in text]
