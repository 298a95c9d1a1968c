"""/v1/changes of imports: what became of each row, from end to end."""

import json
from typing import Any

from ringfence.core.imports.steps import apply_import, step_import, undo_import
from ringfence.model.changes import Origin
from tests.api.house import BLOCKED, House

GROUP = "block-groups/2"


def run(house: House, into: str, text: str) -> str:
    """Import a file, make all its steps, and return its id."""
    headers = {"Content-Type": "text/csv"}
    made = house.admin.done("POST", f"/v1/imports?into={into}", text.encode(), headers)
    apply_import(house.store, house.account, made["id"], Origin("v1", 1, house.clock.now))
    finish(house, made["id"])
    return str(made["id"])


def undo(house: House, import_id: str) -> None:
    """Take an import back."""
    undo_import(house.store, house.account, import_id, Origin("v1", 1, house.clock.now))
    finish(house, import_id)


def finish(house: House, import_id: str) -> None:
    """Make the steps that are left."""
    while step_import(house.store, house.account, import_id, house.clock.now).is_under_way:
        pass


def last_change(house: House) -> Any:  # noqa: ANN401  any JSON
    """Return the last change in full, which is as the list tells it but for its entries."""
    [last] = house.admin.get("/v1/changes?order=newest&limit=1")["items"]
    whole = house.admin.get(f"/v1/changes/{last['id']}")
    assert {name: whole[name] for name in last} == last
    return whole


def test_blocked_numbers_that_were_imported(house: House) -> None:
    """What the group holds of each may differ, so it is told of each."""
    house.admin.post(
        f"/v1/{GROUP}/numbers", numbers=[BLOCKED], expires_at="2026-02-01T00:00:00Z", reason="old"
    )
    before = house.admin.get(f"/v1/{GROUP}/numbers")["items"]
    rows = f"number,expires_at,reason\n{BLOCKED},,\n+919812300002,2027-01-01T00:00:00Z,new\n"
    import_id = run(house, GROUP, rows)
    told = last_change(house)
    assert (told["action"], told["subject"]) == ("blocked_numbers.imported", "2")
    assert told["after"]["import_id"] == import_id
    entries = told["entries"]
    assert entries["added"] == ["+919812300002"]
    assert entries["removed"] == {}
    first = told["after"]["first_batch_id"]
    reasons = entries["reasons"]
    assert entries["changed"] == {
        BLOCKED: {"expires_at": "2026-02-01T00:00:00Z", "batch_id": first - 1}
    }
    held = entries["held"]
    assert {
        number: (each["expires_at"], reasons[each["batch_id"] - first])
        for number, each in held.items()
    } == {
        BLOCKED: (None, "old"),
        "+919812300002": ("2027-01-01T00:00:00Z", "new"),
    }
    undo(house, import_id)
    back = last_change(house)
    assert (back["action"], back["subject"]) == ("blocked_numbers.taken_back", "2")
    assert back["entries"] == {
        "added": [],
        "changed": {BLOCKED: held[BLOCKED]},
        "removed": {"+919812300002": held["+919812300002"]},
        "held": entries["changed"],
        "reasons": [],
    }
    assert house.admin.get(f"/v1/{GROUP}/numbers")["items"] == before


def test_phone_numbers_that_were_imported(house: House) -> None:
    """By their ids, what each was and is."""
    before = house.admin.get("/v1/phone-numbers")["items"]
    rows = "name,number,priority,skills\nDesk2,+918041230002,9,Sales\nDesk3,08041230003,3,\n"
    import_id = run(house, "phone-numbers", rows)
    told = last_change(house)
    assert (told["action"], told["subject"]) == ("phone_numbers.imported", import_id)
    assert (told["before"], told["after"]) == (None, {"import_id": import_id})
    was = {
        "name": "Desk2",
        "number": "+918041230002",
        "canonical": "+918041230002",
        "priority": 2,
        "state": "active",
        "skills": [],
    }
    now = {**was, "priority": 9, "skills": ["Sales"]}
    made = {
        **was,
        "name": "Desk3",
        "number": "08041230003",
        "canonical": "+918041230003",
        "priority": 3,
    }
    assert told["entries"] == {
        "added": {"3": made},
        "changed": {"2": {"before": was, "after": now}},
        "removed": {},
    }
    undo(house, import_id)
    back = last_change(house)
    assert (back["action"], back["subject"]) == ("phone_numbers.taken_back", import_id)
    assert back["entries"] == {
        "added": {},
        "changed": {"2": {"before": now, "after": was}},
        "removed": {"3": made},
    }
    assert house.admin.get("/v1/phone-numbers")["items"] == before


def test_the_document_knows_every_form(house: House) -> None:
    """And those of before are what they were."""
    document = house.openapi["components"]["schemas"]
    forms = document["ChangeInFull"]["properties"]["entries"]["anyOf"]
    names = [each["$ref"].rpartition("/")[2] for each in forms if "$ref" in each]
    assert names == ["EntriesShown", "ImportedEntriesShown", "PhoneEntriesShown"]
    assert set(document["EntriesShown"]["properties"]) == {"added", "changed", "removed"}
    assert "updated_at" not in json.dumps(document["PhoneFacts"])
