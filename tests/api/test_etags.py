"""What can be edited has an ETag, by which nobody overwrites what they have not seen."""

from typing import Any

import pytest

from ringfence.model.accounts import Role
from tests.api.house import House
from tests.store.contents import contents

PATCHES: dict[str, dict[str, Any]] = {
    "/v1/account": {"timezone": "Asia/Dubai"},
    "/v1/phone-numbers/2": {"priority": 9},
    "/v1/block-groups/2": {"description": "Changed"},
    "/v1/block-groups/1/numbers/9812300001": {"reason": "Changed"},
}
EDITED = pytest.mark.parametrize("target", PATCHES)
DELETED = pytest.mark.parametrize(
    "target",
    [
        *("/v1/phone-numbers/2", "/v1/block-groups/2"),
        "/v1/block-groups/1/numbers/9812300001",
    ],
)
OLD = '"0123456789abcdef"'


def tag_of(house: House, target: str) -> str:
    """Return the ETag of a thing, as it is read."""
    tag = house.admin.ask("GET", target).header("etag")
    assert tag is not None
    assert tag[0] == tag[-1] == '"'
    return tag


@EDITED
def test_an_edit_of_what_was_read_is_done(house: House, target: str) -> None:
    """It answers with the new ETag, which is the one that a reader gets."""
    tag = tag_of(house, target)
    answer = house.admin.ask("PATCH", target, PATCHES[target], {"If-Match": tag})
    assert answer.status == 200
    assert answer.header("etag") == tag_of(house, target) != tag


@EDITED
def test_an_edit_of_what_was_changed_since_is_refused(house: House, target: str) -> None:
    """And changes nothing; without If-Match, or with any, it is done."""
    tag = tag_of(house, target)
    house.admin.patch(target, **PATCHES[target])
    before = contents(house.store)
    for old in (tag, OLD, f"W/{tag_of(house, target)}"):
        refusal = house.admin.refused("PATCH", target, PATCHES[target], {"If-Match": old})
        assert refusal == (412, "precondition_failed")
    assert contents(house.store) == before
    assert house.admin.ask("PATCH", target, PATCHES[target], {"If-Match": " * "}).status == 200


@EDITED
@pytest.mark.parametrize("tag", ["", "x", '"', '"a" "b"', '"a", "b"', "**", "W"])
def test_what_is_no_tag_is_refused(house: House, target: str, tag: str) -> None:
    """Rather than taken for none, which would overwrite."""
    refusal = house.admin.refused("PATCH", target, PATCHES[target], {"If-Match": tag})
    assert refusal == (422, "invalid_input")


@EDITED
def test_what_is_known_is_not_told_again(house: House, target: str) -> None:
    """By one of several tags, also weak ones; HEAD alike."""
    tag = tag_of(house, target)
    for known in (tag, f'"x", {tag}', f"W/{tag}", "*"):
        for method in ("GET", "HEAD"):
            answer = house.admin.ask(method, target, headers={"If-None-Match": known})
            assert (answer.status, answer.body, answer.header("etag")) == (304, b"", tag)
    for other in ("", OLD, tag.strip('"')):
        assert house.admin.ask("GET", target, headers={"If-None-Match": other}).status == 200
    house.admin.patch(target, **PATCHES[target])
    assert house.admin.ask("GET", target, headers={"If-None-Match": tag}).status == 200


@EDITED
def test_an_edit_that_changes_nothing_keeps_the_tag(house: House, target: str) -> None:
    """Nor does it stand in the record of changes."""
    house.admin.patch(target, **PATCHES[target])
    tag, before = tag_of(house, target), contents(house.store)
    house.admin.patch(target, **PATCHES[target])
    assert tag_of(house, target) == tag
    assert contents(house.store)["change"] == before["change"]


@DELETED
def test_a_deletion_of_what_was_changed_since_is_refused(house: House, target: str) -> None:
    """And done where it was not."""
    tag = tag_of(house, target)
    house.admin.patch(target, **PATCHES[target])
    refusal = house.admin.refused("DELETE", target, headers={"If-Match": tag})
    assert refusal == (412, "precondition_failed")
    current = {"If-Match": tag_of(house, target)}
    assert house.admin.ask("DELETE", target, headers=current).status == 204
    assert house.admin.refused("DELETE", target, headers=current)[0] == 404


def test_what_was_made_has_its_tag_at_once(house: House) -> None:
    """The answer to the POST has the one that a reader gets."""
    for target, body in (
        ("/v1/phone-numbers", {"name": "Desk9", "number": "+918041230009"}),
        ("/v1/block-groups", {"name": "Ninth"}),
    ):
        made = house.admin.ask("POST", target, body)
        assert made.header("etag") == tag_of(house, str(made.header("location")))


def test_what_others_do_to_other_things_leaves_a_tag_alone(house: House) -> None:
    """A number in a group is no edit of the group."""
    tag = tag_of(house, "/v1/block-groups/1")
    house.admin.post("/v1/block-groups/1/numbers", numbers=["+919812300091"])
    assert tag_of(house, "/v1/block-groups/1") == tag


def test_the_accounts_tag_is_that_of_all_that_is_shown(house: House) -> None:
    """How many phone numbers there are is shown, so one more makes it another."""
    tag = tag_of(house, "/v1/account")
    house.admin.post("/v1/phone-numbers", name="Desk9", number="+918041230009")
    assert tag_of(house, "/v1/account") != tag


def test_every_role_reads_the_same_tag(house: House) -> None:
    """Whoever may read."""
    for role in (Role.SUPERVISOR, Role.AGENT):
        answer = house.caller(role).ask("GET", "/v1/phone-numbers/1")
        assert answer.header("etag") == tag_of(house, "/v1/phone-numbers/1")


def test_an_allowed_number_is_deleted_as_it_was_read(house: House) -> None:
    """Nothing edits one, but another may have taken its place."""
    target = "/v1/allowed-numbers/2"
    refusal = house.admin.refused("DELETE", target, None, {"If-Match": OLD})
    assert refusal == (412, "precondition_failed")
    tag = tag_of(house, target)
    assert house.admin.ask("DELETE", target, None, {"If-Match": tag}).status == 204
