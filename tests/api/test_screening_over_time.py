"""Any sequence of writes through the doors, as time passes, is screened as lists say it should.

Through each way to ask: fast, quickly and with every reason, by POST, many at once, at the command
line.
"""

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from typer.testing import CliRunner

from ringfence.cli.main import app as command_line
from ringfence.http.fast_path import Answerer
from ringfence.http.fast_path import Asked as FastAsked
from ringfence.store import OpenStore
from tests.api.house import House, settle
from tests.asgi import App
from tests.conftest import Clock
from tests.core.calls import names
from tests.screening_model import LINES, NUMBERS, PATTERNS, SKILLS, Asked, Group, Model

SECONDS = st.none() | st.integers(1, 6)
MODES = st.sampled_from(["enforce", "enforce", "monitor", "off"])
DIRECTIONS = st.sampled_from(["both", "both", "inbound", "outbound"])
SOME_SKILLS = st.sampled_from([(), (), ("Sales",), SKILLS])
SOME_LINES = st.sampled_from([(), (), LINES[:1], ("+919812345678",)])
BLOCKS = {"less_specific", "ends_sooner", "later_group"}
QUESTIONS = st.builds(
    Asked,
    st.sampled_from([*NUMBERS]),
    st.sampled_from(LINES),
    st.sampled_from(["inbound", "outbound"]),
    st.sampled_from([None, *SKILLS, "sales", "Nobody's"]),
)


class ScreenedOverTime(RuleBasedStateMachine):
    """An account beside lists kept by hand."""

    store: OpenStore
    app: App
    clock: Clock
    answerer: Answerer[Any] | None

    def __init__(self) -> None:
        super().__init__()
        self.house: House = settle(self.store, self.app, self.clock, next(names))
        self.admin = self.house.admin
        self.model = Model(self.clock.now)
        self.allowed: dict[str, int] = {}
        self.phones: dict[str, int] = {}
        self.admin.post("/v1/skills", name="Sales")

    @rule(mode=MODES, direction=DIRECTIONS, skills=SOME_SKILLS, called=SOME_LINES)
    def make_group(
        self, mode: str, direction: str, skills: tuple[str, ...], called: tuple[str, ...]
    ) -> None:
        """Make a group."""
        made = self.admin.post(
            "/v1/block-groups",
            name=f"Group {len(self.model.groups)} {next(names)}",
            mode=mode,
            direction=direction,
            scope={"skills": skills, "called": called},
        )["id"]
        self.model.groups[made] = Group(made, mode, direction, skills, called)

    @precondition(lambda self: self.model.groups)
    @rule(data=st.data(), mode=MODES, direction=DIRECTIONS, skills=SOME_SKILLS, called=SOME_LINES)
    def edit_group(
        self,
        data: st.DataObject,
        mode: str,
        direction: str,
        skills: tuple[str, ...],
        called: tuple[str, ...],
    ) -> None:
        """Set a group anew."""
        group = self._group(data)
        scope = {"skills": skills, "called": called}
        path = f"/v1/block-groups/{group.group_id}"
        self.admin.patch(path, mode=mode, direction=direction, scope=scope)
        group.mode, group.direction, group.skills, group.called = mode, direction, skills, called

    @precondition(lambda self: self.model.groups)
    @rule(data=st.data())
    def delete_group(self, data: st.DataObject) -> None:
        """Delete a group with all it holds."""
        group = self._group(data)
        self.admin.delete(f"/v1/block-groups/{group.group_id}")
        del self.model.groups[group.group_id]

    @precondition(lambda self: self.model.groups)
    @rule(data=st.data(), pattern=st.sampled_from(PATTERNS), seconds=SECONDS)
    def block(self, data: st.DataObject, pattern: str, seconds: int | None) -> None:
        """Block a number in a group, if nothing protects it."""
        group, end = self._group(data), self._end(seconds)
        fields = {"numbers": [pattern], "expires_at": end and end.isoformat()}
        told = self.admin.post(f"/v1/block-groups/{group.group_id}/numbers", **fields)
        if told["results"][0]["result"] in {"added", "extended"}:
            group.entries[pattern] = end

    @precondition(lambda self: self.model.groups)
    @rule(data=st.data(), pattern=st.sampled_from(PATTERNS))
    def unblock(self, data: st.DataObject, pattern: str) -> None:
        """Take a number out of a group."""
        group = self._group(data)
        path = f"/v1/block-groups/{group.group_id}/numbers/remove"
        self.admin.post(path, numbers=[pattern])
        group.entries.pop(pattern, None)

    @rule(pattern=st.sampled_from(PATTERNS), seconds=SECONDS)
    def allow(self, pattern: str, seconds: int | None) -> None:
        """Allow a number, unless it is allowed."""
        end = self._end(seconds)
        if pattern in self.allowed and self.model.is_live(self.model.allowed[pattern]):
            return
        told = self.admin.post(
            "/v1/allowed-numbers", number=pattern, expires_at=end and end.isoformat()
        )
        self.allowed[pattern], self.model.allowed[pattern] = told["id"], end

    @precondition(lambda self: self.allowed)
    @rule(data=st.data())
    def disallow(self, data: st.DataObject) -> None:
        """Allow a number no longer."""
        pattern = data.draw(st.sampled_from(sorted(self.allowed)))
        self.admin.delete(f"/v1/allowed-numbers/{self.allowed.pop(pattern)}")
        del self.model.allowed[pattern]

    @rule(number=st.sampled_from(["+919812345678", "+919812345680"]))
    def own(self, number: str) -> None:
        """Make a number the account's own, or no longer."""
        if number in self.phones:
            self.admin.delete(f"/v1/phone-numbers/{self.phones.pop(number)}")
        else:
            made = self.admin.post("/v1/phone-numbers", name=f"desk{number[1:]}", number=number)
            self.phones[number] = made["id"]
        self.model.own = set(self.phones)

    @rule(seconds=st.integers(1, 4))
    def let_time_pass(self, seconds: int) -> None:
        """Move the clock."""
        self.clock.now += timedelta(seconds=seconds)
        self.model.now = self.clock.now

    @rule(asked=QUESTIONS)
    def ask_at_the_command_line(self, asked: Asked) -> None:
        """Ask at the command line, which tells what /v1 tells."""
        told = self.admin.get(f"/v1/screen?{_query(asked)}")
        words = ["check", self.house.account.user_name, asked.number, "--json"]
        words += ["--direction", asked.direction, "--at", self.clock.now.isoformat()]
        words += ["--called", asked.line] if asked.direction == "inbound" else []
        words += [] if asked.skill is None else ["--skill", asked.skill]
        ran = CliRunner().invoke(command_line, [*words, "--database", self.store.url])
        assert json.loads(ran.stdout) == told
        assert ran.exit_code == (0 if told["disposition"] == "block" else 1)

    @rule(asked=QUESTIONS)
    def ask(self, asked: Asked) -> None:
        """Ask in every way: all tell the same, and it is what the lists say."""
        told = self.admin.get(f"/v1/screen?{_query(asked)}")
        self._check(asked, told)
        verdict = {name: told[name] for name in ("disposition", "reason", "answer")}
        assert self.admin.get(f"/v1/screen?{_query(asked)}&explain=0") == verdict
        fields = {name: each for name, each in _fields(asked).items() if each is not None}
        assert self.admin.post("/v1/screen", **fields) == told
        at = quote(self.clock.now.isoformat())
        assert self.admin.get(f"/v1/screen?{_query(asked)}&at={at}") == told
        assert self._told_fast(_query(asked)) in {None, json.dumps(told)}

    def _told_fast(self, query: str) -> str | None:
        """Return what the fast path tells, None where there is none, or it leaves that alone."""
        if self.answerer is None:
            return None
        question = self.answerer.read(query.encode())
        proof = self.answerer.credential([(b"authorization", f"Bearer {self.admin.key}".encode())])
        if question is None or proof is None:
            return None
        gone: Any = None
        [answer] = self.answerer.answer_all([FastAsked(gone, b"", proof, question, 0.0)])
        assert answer is not None
        return json.dumps(json.loads(answer.body))

    @rule(asked=QUESTIONS)
    def ask_about_many(self, asked: Asked) -> None:
        """Ask about many at once, as one by one."""
        fields: dict[str, Any] = {"numbers": [*NUMBERS], "direction": asked.direction}
        fields |= {"called": asked.line} if asked.direction == "inbound" else {}
        fields |= {"skill": asked.skill} if asked.skill else {}
        told = self.admin.post("/v1/screen/batch", **fields)["results"]
        for number, result in zip(NUMBERS, told, strict=True):
            alone = self.admin.get(f"/v1/screen?{_query(asked._replace(number=number))}")
            winner = alone["winner"] or {"group": {"id": None}, "entry": None, "expires_at": None}
            assert result == {
                "number": number,
                "disposition": alone["disposition"],
                "reason": alone["reason"],
                "group_id": winner["group"]["id"],
                "entry": winner["entry"],
                "expires_at": winner["expires_at"],
            }

    @invariant()
    def plain_calls_are_decided_right(self) -> None:
        """Of each number, which is what most calls are."""
        for number in NUMBERS:
            asked = Asked(number, LINES[0], "inbound", None)
            self._check(asked, self.admin.get(f"/v1/screen?{_query(asked)}"))

    def _check(self, asked: Asked, told: dict[str, Any]) -> None:
        skills = {None: None, "sales": "Sales", "Nobody's": None}
        meant = asked._replace(skill=skills.get(asked.skill, asked.skill))
        blocked, ranked, watching = self.model.decide(meant)
        assert told["disposition"] == ("block" if blocked else "pass")
        entries = ([told["winner"]] if told["winner"] else []) + [
            each for each in told["others"] if each["lost"] in BLOCKS
        ]
        assert [(each["group"]["id"], each["entry"]) for each in entries] == ranked
        assert {(each["group"]["id"], each["entry"]) for each in told["would_block"]} == watching
        assert (told["answer"] is None) is not blocked

    def _group(self, data: st.DataObject) -> Group:
        return self.model.groups[data.draw(st.sampled_from(sorted(self.model.groups)))]

    def _end(self, seconds: int | None) -> datetime | None:
        return None if seconds is None else self.clock.now + timedelta(seconds=seconds)


def _fields(asked: Asked) -> dict[str, str | None]:
    calling, called = asked.number, asked.line
    if asked.direction == "outbound":
        calling, called = called, calling
    return {
        "calling": calling,
        "called": called,
        "direction": asked.direction,
        "skill": asked.skill,
    }


def _query(asked: Asked) -> str:
    fields = _fields(asked)
    return "&".join(f"{name}={quote(each)}" for name, each in fields.items() if each is not None)


def test_screening_is_what_lists_kept_by_hand_say(bare: House) -> None:
    """Twenty sequences of twenty-five steps, each on an account of its own."""
    on = {
        "store": bare.store,
        "app": bare.app,
        "clock": bare.clock,
        "answerer": bare.answerer,
    }
    machine = type("OnThisStore", (ScreenedOverTime,), on)
    run_state_machine_as_test(
        machine, settings=settings(max_examples=20, stateful_step_count=25, deadline=None)
    )
