"""A POST that is sent again by the same name is not done again, and gets the same answer."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from ringfence.model.accounts import Role
from ringfence.store import OpenStore
from tests.api.examples import POSTS, Example
from tests.api.house import Caller, House, build
from tests.asgi import Answer, ask
from tests.conftest import Clock
from tests.store.contents import contents
from tests.system.stores import bytes_of

NAME = {"Idempotency-Key": "request-1"}
EACH_POST = pytest.mark.parametrize("post", POSTS, ids=lambda post: post.route)


def send(caller: Caller, post: Example, name: dict[str, str] | None = None) -> Answer:
    """Send a POST by a name."""
    return caller.ask(post.method, post.target, post.body, NAME if name is None else name)


def lasting(answer: Answer) -> dict[str, str]:
    """Return the headers of an answer, but for those that each has of its own."""
    return {n: v for n, v in answer.headers if n not in {"x-request-id", "idempotency-replayed"}}


def changed(body: Any) -> dict[str, Any]:  # noqa: ANN401  any JSON
    """Return a body that asks for something else."""
    first = next(iter(body))
    return {**body, first: "agent" if first == "role" else 2 * body[first]}


@EACH_POST
def test_the_same_request_is_done_once(house: House, post: Example) -> None:
    """The second answer is the first one, with its headers, and says that it is."""
    first = send(house.admin, post)
    assert (first.status, first.header("idempotency-replayed")) == (post.status, None)
    after = contents(house.store)
    again = send(house.admin, post)
    assert again.header("idempotency-replayed") == "true"
    assert (again.status, again.body, lasting(again)) == (first.status, first.body, lasting(first))
    assert contents(house.store) == after
    if post.status == 201 and post.route not in {"/v1/skills", "/v1/block"}:
        assert str(again.header("location")).startswith(f"{post.route}/")


@EACH_POST
def test_another_request_by_the_same_name_is_refused(house: House, post: Example) -> None:
    """Another body, even in its spaces alone, or another path."""
    send(house.admin, post)
    after = contents(house.store)
    others = [
        (post.target, changed(post.body)),
        (post.target, json.dumps(post.body).encode() + b" "),
        *((other.target, other.body) for other in POSTS if other.target != post.target),
    ]
    for target, body in others:
        refusal = house.admin.refused("POST", target, body, NAME)
        assert refusal == (422, "idempotency_key_reused"), target
    assert contents(house.store) == after


@EACH_POST
def test_without_a_name_it_is_another_request(house: House, post: Example) -> None:
    """And so it is by another name."""
    send(house.admin, post)
    for name in ({}, {"Idempotency-Key": "request-2"}):
        answer = send(house.admin, post, name)
        assert answer.header("idempotency-replayed") is None


@EACH_POST
def test_a_name_is_that_of_one_key(house: House, post: Example) -> None:
    """Another key of the account may use it for something else, and learns nothing by it."""
    other = Caller(house.app, house.admin.post("/v1/keys", role="admin")["key"])
    send(house.admin, post)
    answer = send(other, post)
    assert answer.header("idempotency-replayed") is None


def test_a_refusal_is_not_kept(house: House) -> None:
    """Once its cause is gone, the request may be sent again by the same name."""
    phone = {"name": "Desk9", "number": "+918041230009", "skills": ["Later"]}
    assert house.admin.refused("POST", "/v1/phone-numbers", phone, NAME)[0] == 422
    house.admin.post("/v1/skills", name="Later")
    answer = house.admin.ask("POST", "/v1/phone-numbers", phone, NAME)
    assert (answer.status, answer.header("idempotency-replayed")) == (201, None)
    taken = {**phone, "name": "Desk8"}
    name = {"Idempotency-Key": "request-2"}
    assert house.admin.refused("POST", "/v1/phone-numbers", taken, name)[0] == 409
    house.admin.delete("/v1/phone-numbers/3")
    assert house.admin.ask("POST", "/v1/phone-numbers", taken, name).status == 201


def test_whose_role_may_not_do_it_is_told_so_again(house: House) -> None:
    """The check comes before what is kept."""
    agent = house.caller(Role.AGENT)
    for _ in range(2):
        assert agent.refused("POST", "/v1/keys", {"role": "admin"}, NAME)[0] == 403


def test_an_answer_is_kept_for_a_day(house: House, clock: Clock) -> None:
    """Until its last moment; then the name is free, swept up or not."""
    skill = {"name": "Once"}
    assert house.admin.ask("POST", "/v1/skills", skill, NAME).status == 201
    clock.now += timedelta(hours=24) - timedelta(milliseconds=1)
    assert house.admin.ask("POST", "/v1/skills", skill, NAME).status == 201
    clock.now += timedelta(milliseconds=2)
    assert house.admin.refused("POST", "/v1/skills", skill, NAME) == (409, "skill_exists")
    other = house.admin.ask("POST", "/v1/skills", {"name": "Other"}, NAME)
    assert (other.status, other.header("idempotency-replayed")) == (201, None)


@pytest.mark.parametrize("name", ["", "a" * 256, "\xe9", "\x7f", "a\tb"])
def test_a_name_is_printable_and_not_long(house: House, name: str) -> None:
    """Up to 255 ASCII characters."""
    headers = {"Idempotency-Key": name}
    assert house.admin.refused("POST", "/v1/skills", {"name": "x"}, headers)[0] == 422
    longest = {"Idempotency-Key": "a" * 255}
    assert house.admin.ask("POST", "/v1/skills", {"name": "x"}, longest).status == 201


def test_a_key_that_was_told_again_is_stored_nowhere(house: House, database_url: str) -> None:
    """Neither it nor the one that asked; yet the same key is told each time."""
    body = {"role": "admin", "label": "sealed"}
    first = house.admin.done("POST", "/v1/keys", body, NAME)
    assert house.admin.done("POST", "/v1/keys", body, NAME)["key"] == first["key"]
    stored = bytes_of(database_url)
    assert b"sealed" in stored
    for secret in (first["key"], house.admin.key or ""):
        assert secret.encode() not in stored
        assert secret[8:].encode() not in stored


@EACH_POST
def test_parallel_requests_by_one_name_are_done_once(house: House, post: Example) -> None:
    """All get the same answer; one of them is the first."""
    answers = asyncio.run(send_together(house.admin, post, 8))
    assert len({(each.status, each.body) for each in answers}) == 1
    assert answers[0].status == post.status
    told = [each.header("idempotency-replayed") for each in answers]
    assert sorted(map(str, told)) == ["None", *["true"] * 7]


async def send_together(caller: Caller, post: Example, count: int) -> list[Answer]:
    """Send a POST several times at once."""
    headers = {"Authorization": f"Bearer {caller.key}", "Content-Type": "application/json", **NAME}
    body = json.dumps(post.body).encode()
    sent = [ask(caller.app, "POST", post.target, headers.items(), body) for _ in range(count)]
    return await asyncio.gather(*sent)


def test_another_account_may_use_the_name(house: House, store: OpenStore, clock: Clock) -> None:
    """And is told nothing of the first one's answer."""
    bob = build(store, clock, "bob").admin
    post = POSTS[0]
    send(house.admin, post)
    assert send(bob, post).header("idempotency-replayed") is None
