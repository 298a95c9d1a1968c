"""Every error has its words, whichever family of paths it comes out of."""

import ast
import inspect
from collections.abc import Iterator, Mapping
from types import ModuleType

import pytest

from ringfence.cloudagent import block_fields
from ringfence.cloudagent.block_numbers import BlockNumbers
from ringfence.cloudagent.gateway import Gateway
from ringfence.cloudagent.phone_manage import PhoneManage, write_phone_error
from ringfence.cloudagent.replies import Reply
from ringfence.cloudagent.texts import (
    BLOCK_FIELD_TEXTS,
    BLOCK_TEXTS,
    GATEWAY_TEXTS,
    PHONE_TEXTS,
    TOKEN_TEXTS,
    Text,
    text_of,
)
from ringfence.core import block_groups as block_verbs
from ringfence.errors import (
    ApiKeyInvalid,
    BlockGroupExists,
    InputCode,
    InvalidInput,
    NotAuthenticated,
    PhoneNumberExists,
    Problem,
    RingfenceError,
    Unavailable,
)
from ringfence.model import block_groups as block_rules

TABLES = pytest.mark.parametrize(
    "texts",
    [PHONE_TEXTS, BLOCK_TEXTS, TOKEN_TEXTS],
    ids=["phone numbers", "block numbers", "tokens"],
)
FACTS = (
    *("user_name", "key_id", "name", "url", "found", "known", "reason", "limit", "path"),
    *("role", "allowed_number_id", "protector", "state"),
)
ELSEWHERE = {ApiKeyInvalid}
"""What only a door raises at which the key alone says who calls."""


def subclasses(kind: type[RingfenceError]) -> Iterator[type[RingfenceError]]:
    """Yield every class of error below `kind`."""
    for each in kind.__subclasses__():
        yield each
        yield from subclasses(each)


def example(kind: type[RingfenceError]) -> RingfenceError:
    """Return an error of this class."""
    if issubclass(kind, InvalidInput):
        return kind(problem(InputCode.SETTING_INVALID))
    return kind(**dict.fromkeys(FACTS, "x"))


def problem(code: InputCode) -> Problem:
    """Return a problem of this code."""
    return Problem(code, "field", "the rule", "value")


def codes_in(module: ModuleType) -> set[InputCode]:
    """Return every input code that the source of `module` names."""
    tree = ast.walk(ast.parse(inspect.getsource(module)))
    return {
        InputCode[node.attr]
        for node in tree
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "InputCode"
    }


@TABLES
@pytest.mark.parametrize("kind", list(subclasses(RingfenceError)))
def test_every_error_has_a_text(kind: type[RingfenceError], texts: Mapping[str, Text]) -> None:
    """Its own or that of the class above it."""
    assert text_of(example(kind), texts).message


@TABLES
@pytest.mark.parametrize("code", InputCode)
def test_every_problem_has_a_text(code: InputCode, texts: Mapping[str, Text]) -> None:
    """Whatever a door or a verb finds wrong, the caller hears of it in the wire's words."""
    assert text_of(InvalidInput(problem(code)), texts).message


@TABLES
def test_every_text_is_of_an_error_that_there_is(texts: Mapping[str, Text]) -> None:
    """A code that was renamed leaves no text behind."""
    classes = {kind.code for kind in subclasses(RingfenceError)}
    assert set(texts) <= classes | set(InputCode)


def test_what_a_block_verb_finds_wrong_has_a_field_text() -> None:
    """Each code that the verbs, the rules and the door of block groups name."""
    found = codes_in(block_verbs) | codes_in(block_rules) | codes_in(block_fields)
    assert found - {InputCode.FIELD_MISSING} == set(BLOCK_FIELD_TEXTS)
    assert InputCode.FIELD_MISSING in BLOCK_TEXTS


@pytest.mark.parametrize("code", sorted(BLOCK_FIELD_TEXTS))
def test_a_problem_of_a_field_is_told_under_its_key(code: str) -> None:
    """With the value that was sent, where the text has a place for it."""
    error = InvalidInput(Problem(InputCode(code), "field", "rule", "a {value} sent"))
    reply = BlockNumbers().write_error(error)
    key, text = BLOCK_FIELD_TEXTS[code]
    told = text.replace("{value}", "a {value} sent")
    expected = {"status": "error", "message": "invalid data", "errors": {key: told}}
    assert reply.content == expected


def test_a_name_that_is_taken_is_told_like_a_problem() -> None:
    """Alone it is a conflict of the store, to the caller it is one bad field."""
    reply = BlockNumbers().write_error(BlockGroupExists(name="Spam"))
    errors = {"name": "Name (Spam) already exists"}
    assert reply == Reply({"status": "error", "message": "invalid data", "errors": errors}, 409)


def test_all_bad_fields_are_told_in_the_order_of_the_contract() -> None:
    """Of two problems under one key the first, however they were found."""
    found = [problem(InputCode(code)) for code in reversed(list(BLOCK_FIELD_TEXTS))]
    body = BlockNumbers().write_error(InvalidInput(*found)).content
    assert isinstance(body, dict)
    assert list(body["errors"]) == ["name", "blockNumbers", "expiryDate"]
    assert body["errors"]["name"] == "Name (value) allows 2 to 50 characters only"


def test_of_several_problems_with_a_phone_number_the_first_is_told() -> None:
    """The verbs tell them in the contract's order."""
    found = [problem(InputCode.PHONE_NUMBER_LENGTH), problem(InputCode.PHONE_NAME_INVALID)]
    reply = PhoneManage().write_error(InvalidInput(*found))
    message = PHONE_TEXTS[InputCode.PHONE_NUMBER_LENGTH].message
    assert reply == Reply({"status": "error", "message": message}, 422)


@pytest.mark.parametrize(
    "kind", [each for each in subclasses(NotAuthenticated) if each not in ELSEWHERE]
)
def test_the_gateway_has_a_text_for_what_only_its_callers_can_miss(
    kind: type[RingfenceError],
) -> None:
    """In a shape of its own, and with HTTP 401 whatever the setting says."""
    reply = Gateway({}, write_phone_error).write_error(example(kind))
    message = GATEWAY_TEXTS[kind.code].message
    assert reply == Reply({"status": "false", "message": message, "data": None}, 401, 401)


@pytest.mark.parametrize("kind", [NotAuthenticated, PhoneNumberExists, Unavailable])
def test_the_gateway_leaves_all_else_to_the_family(kind: type[RingfenceError]) -> None:
    """A wrong key has the words of the endpoint."""
    error = example(kind)
    assert Gateway({}, write_phone_error).write_error(error) == write_phone_error(error)
