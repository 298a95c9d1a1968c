"""/v1/screen where it is easily wrong: prefixes as long as numbers, texts that are too long."""

import json
from urllib.parse import quote

import pytest

from ringfence.store import screening as store_screening
from tests.api.house import House
from tests.api.test_screening import SPAM, group, screen


@pytest.mark.parametrize("few", [store_screening.FEW, 0])
def test_an_entry_covers_a_call_once(
    bare: House, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also a prefix of as many digits as the number, where there are longer ones."""
    monkeypatch.setattr(store_screening, "FEW", few)
    prefixes = [f"{SPAM}*", "+4912345678901*", "+491234567890123*"]
    bare.admin.post(f"/v1/block-groups/{group(bare)}/numbers", numbers=prefixes)
    told = screen(bare)
    assert (told["winner"]["entry"], told["others"]) == (f"{SPAM}*", [])


def test_a_batch_of_calls_that_go_out_is_in_scope_by_each_number(bare: House) -> None:
    """As one call is: what is called is the number that is looked up."""
    made = group(bare, scope={"called": [SPAM]})
    bare.admin.post(f"/v1/block-groups/{made}/numbers", numbers=["+9198*"])
    other = f"{SPAM[:-1]}9"
    alone = [
        bare.admin.get(f"/v1/screen?direction=outbound&called={quote(each)}")["disposition"]
        for each in (SPAM, other)
    ]
    fields = {"numbers": [SPAM, other], "direction": "outbound"}
    told = bare.admin.post("/v1/screen/batch", **fields)["results"]
    assert [each["disposition"] for each in told] == alone == ["block", "pass"]


def test_a_batch_reads_each_number_by_itself(bare: House) -> None:
    """Two in one text are none."""
    told = bare.admin.post("/v1/screen/batch", numbers=[f"{SPAM}\n{SPAM}"])["results"]
    assert [each["reason"] for each in told] == ["no_number"]


def test_digits_without_end_are_refused_however_quickly_they_are_read(bare: House) -> None:
    """Also behind a question that is known: they would be kept until they are stored."""
    bare.admin.get(f"/v1/screen?calling={quote(SPAM)}&called=1")
    answer = bare.admin.ask("GET", f"/v1/screen?calling=%2B{'9' * 250}&called=1")
    assert (answer.status, json.loads(answer.body)["code"]) == (422, "invalid_input")
