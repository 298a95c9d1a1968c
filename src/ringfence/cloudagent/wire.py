"""Reading what old clients send, the way PHP read it.

A form is a list of names and values, in which a name may end in `[]` or `[0]` to be a list; JSON
is a document. Both become `Fields`: names with values as JSON has them.
"""

import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from math import isinf
from typing import Any
from urllib.parse import parse_qsl

import python_multipart
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, parse_options_header

Fields = dict[str, Any]

MAX_DEPTH = 16
"""How deep a JSON body may nest; the wire itself needs two levels."""

MAX_INTEGER_DIGITS = 1000

_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_JSON = "application/json"
_LISTED = re.compile(r"(?P<name>blockNumbers?)(?P<index>\[[^\]]*\])?")


class HugeNumber(str):
    """The text of a JSON number that is too large for Python to hold or to write back."""

    __slots__ = ()


class UnreadableError(Exception):
    """The body is not what its Content-Type says."""


class TooManyParametersError(Exception):
    """The query or the form has more parameters than it may have."""


@dataclass(frozen=True, slots=True)
class WireRequest:
    """A request as it came: the parts that the doors of this wire read."""

    method: str
    query: bytes
    headers: Mapping[bytes, bytes]
    body: bytes
    max_parameters: int


def read_query(request: WireRequest) -> Fields:
    """Return the query's fields. Bytes that are no UTF-8 become U+FFFD, which no rule accepts."""
    return _php_fields(_pairs(request.query, request.max_parameters, errors="replace"))


def read_body_fields(request: WireRequest) -> Fields:
    """Return the body's fields. Raises UnreadableError, TooManyParametersError."""
    if _content_type(request) == _JSON:
        return _read_json(request.body)
    return read_form(request)


def read_json(request: WireRequest) -> Fields:
    """Return the fields of a JSON body, whatever its Content-Type; unreadable, it has none."""
    try:
        return _read_json(request.body)
    except UnreadableError:
        return {}


def read_form(request: WireRequest) -> Fields:
    """Return the fields of a form, of either kind. Raises UnreadableError, TooManyParametersError.

    The limit holds for a multipart form's files too, though none is a field of this wire.
    """
    kind = _content_type(request)
    if kind == _MULTIPART:
        return _php_fields(_read_multipart(request))
    if kind == _FORM:
        return _php_fields(_pairs(request.body, request.max_parameters, errors="strict"))
    raise UnreadableError


def _content_type(request: WireRequest) -> str:
    """Return the body's media type; a client that names none meant JSON if it looks like it."""
    header = request.headers.get(b"content-type", b"").decode("latin-1")
    kind = header.split(";", 1)[0].strip().lower()
    if kind:
        return kind
    return _JSON if request.body.lstrip().startswith(b"{") else _FORM


def _pairs(encoded: bytes, max_parameters: int, *, errors: str) -> list[tuple[str, str]]:
    if encoded.count(b"&") >= max_parameters:
        raise TooManyParametersError
    try:
        text = encoded.decode("utf-8", errors)
        return parse_qsl(text, keep_blank_values=True, errors=errors)
    except UnicodeDecodeError as error:
        raise UnreadableError from error


def _read_multipart(request: WireRequest) -> Iterable[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    parts = count(1)

    def keep(field: Field) -> None:
        count_part()
        name, value = field.field_name or b"", field.value or b""
        pairs.append((name.decode(), value.decode()))

    def count_part(_: File | None = None) -> None:
        if next(parts) > request.max_parameters:
            raise TooManyParametersError

    kind = request.headers.get(b"content-type", b"")
    _, options = parse_options_header(kind)
    if not request.body.rstrip().endswith(b"--" + options.get(b"boundary", b"") + b"--"):
        raise UnreadableError  # cut off on the way: what is missing could be an expiry
    headers = {"Content-Type": kind}
    try:
        python_multipart.parse_form(headers, io.BytesIO(request.body), keep, count_part)
    except (FormParserError, UnicodeDecodeError) as error:
        raise UnreadableError from error
    return pairs


def _php_fields(pairs: Iterable[tuple[str, str]]) -> Fields:
    """Let the last value of a name win, but gather the numbers to block, however listed."""
    fields: Fields = {}
    lists: dict[str, list[str]] = {}
    bare: dict[str, bool] = {}
    for name, value in pairs:
        listed = _LISTED.fullmatch(name)
        if listed is None:
            fields[name] = value
        else:
            lists.setdefault(listed["name"], []).append(value)
            bare[listed["name"]] = listed["index"] is None
    for name, values in lists.items():
        fields[name] = values[0] if len(values) == 1 and bare[name] else values
    return fields


def _read_json(body: bytes) -> Fields:
    try:
        text = body.decode()  # json would guess UTF-16 and UTF-32 too
        document = json.loads(
            text, parse_constant=_refuse, parse_float=_read_float, parse_int=_read_integer
        )
        json.dumps(document, ensure_ascii=False).encode()  # an unpaired surrogate has no UTF-8
    except (ValueError, RecursionError) as error:
        raise UnreadableError from error
    if not isinstance(document, dict) or _depth(document) > MAX_DEPTH:
        raise UnreadableError
    return document


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


def _read_float(text: str) -> float | HugeNumber:
    number = float(text)
    return HugeNumber(text) if isinf(number) else number


def _read_integer(text: str) -> int | HugeNumber:
    return int(text) if len(text) <= MAX_INTEGER_DIGITS else HugeNumber(text)


def _depth(document: object, above: int = 0) -> int:
    """Return how deep `document` nests, or some number over MAX_DEPTH."""
    if above > MAX_DEPTH or not isinstance(document, dict | list):
        return above
    children = document.values() if isinstance(document, dict) else document
    return max((_depth(child, above + 1) for child in children), default=above + 1)
