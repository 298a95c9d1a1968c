"""Many numbers are read before the transaction that is about them, and not on the event loop."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import pytest

from ringfence.core import number_reading
from ringfence.model.patterns import read_pattern
from ringfence.store import JoinedStore, Transaction
from tests.api.house import House

T = TypeVar("T")

NUMBERS = {"numbers": ["9812345678", "98123 45679"]}


@pytest.mark.parametrize("path", ["/numbers", "/numbers/remove"])
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "one"}])
def test_no_number_is_read_in_a_transaction(
    house: House, monkeypatch: pytest.MonkeyPatch, path: str, headers: dict[str, str]
) -> None:
    """With an Idempotency-Key the whole of the work is one; numbers are read before it."""
    events: list[str] = []

    def read(number: str, region: str) -> str | None:
        with pytest.raises(RuntimeError):
            asyncio.get_running_loop()
        events.append("read")
        return read_pattern(number, region)

    class Joined(JoinedStore):
        def write(self, work: Callable[[Transaction], T], *, decides: bool = True) -> T:
            events.append("write")
            return super().write(work, decides=decides)

    monkeypatch.setattr(number_reading, "read_pattern", read)
    monkeypatch.setattr("ringfence.core.kept_answers.JoinedStore", Joined)
    answer = house.admin.ask("POST", f"/v1/block-groups/1{path}", NUMBERS, headers)
    assert answer.status == 200
    assert events == ["read", "read", *(["write"] if headers else [])]
