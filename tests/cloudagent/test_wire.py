"""Reading what old clients send: forms, multipart and JSON become one kind of fields."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.cloudagent.wire import (
    MAX_DEPTH,
    Fields,
    TooManyParametersError,
    UnreadableError,
    WireRequest,
    read_body_fields,
    read_query,
)

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
MULTIPART = "multipart/form-data; boundary=xXx"
LIMIT = 20


def request(body: bytes, kind: str | None = None, query: bytes = b"") -> WireRequest:
    """Return a request with this body and Content-Type."""
    headers = {} if kind is None else {b"content-type": kind.encode("latin-1")}
    return WireRequest("POST", query, headers, body, LIMIT)


def read(body: bytes | str, kind: str | None = FORM) -> Fields:
    """Return the fields of a body."""
    return read_body_fields(request(body.encode() if isinstance(body, str) else body, kind))


def multipart(*parts: tuple[str, str]) -> bytes:
    """Return `parts`, names and values, as a multipart body."""
    blocks = [
        f'--xXx\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in parts
    ]
    return "".join([*blocks, "--xXx--\r\n"]).encode()


def nested(depth: int) -> str:
    """Return a JSON object in which lists nest, so that all is this deep."""
    return '{"a":' + "[" * (depth - 1) + "1" + "]" * (depth - 1) + "}"


NAMES = st.text(min_size=1, max_size=5).filter(lambda name: not name.startswith("blockNumber"))


@given(st.dictionaries(NAMES, st.text(), max_size=5))
def test_a_form_is_read_as_it_was_meant(fields: dict[str, str]) -> None:
    """Any text survives, whichever way its characters were encoded."""
    assert read(urlencode(fields)) == fields
    plain = "&".join(f"{quote(name, safe='')}={quote(fields[name], safe='')}" for name in fields)
    assert read(plain) == fields
    assert read_query(request(b"", query=plain.encode())) == fields


def test_the_last_of_two_values_wins() -> None:
    """As in PHP, in the query, a form and JSON alike."""
    expected = {"name": "b", "x": ""}
    assert read("name=a&x=&name=b") == expected
    assert read_query(request(b"", query=b"name=a&x=&name=b")) == expected
    assert read('{"name":"a","x":"","name":"b"}', JSON) == expected
    assert read(multipart(("name", "a"), ("x", ""), ("name", "b")), MULTIPART) == expected


@pytest.mark.parametrize("name", ["blockNumbers", "blockNumber"])
@pytest.mark.parametrize("suffix", ["", "[]", "[0]", "[7]", "[x]"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_numbers_are_gathered_however_they_are_listed(name: str, suffix: str, count: int) -> None:
    """A name said once and bare is a text, anything else a list; other names stay theirs."""
    values = ["11,22", "33", ""][:count]
    pairs = [(name + suffix, value) for value in values]
    expected = values[0] if count == 1 and not suffix else values
    assert read(urlencode(pairs)) == {name: expected}
    assert read(multipart(*pairs), MULTIPART) == {name: expected}


def test_numbers_listed_in_two_ways_are_one_list() -> None:
    """In the order in which they stand."""
    form = "blockNumbers=1&blockNumbers[]=2&blockNumbers%5B5%5D=3&name=a"
    assert read(form) == {"blockNumbers": ["1", "2", "3"], "name": "a"}


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("", {}),
        ("&&&", {}),
        ("name", {"name": ""}),
        ("=x", {"": "x"}),
        ("a=b=c", {"a": "b=c"}),
        ("a=1;b=2", {"a": "1;b=2"}),
        ("a=%zz&b=%", {"a": "%zz", "b": "%"}),
        ("a=x+y%2B", {"a": "x y+"}),
        ("a[]=1", {"a[]": "1"}),
        ("blockNumbers[][]=1", {"blockNumbers[][]": "1"}),
    ],
)
def test_odd_forms_are_read_without_complaint(form: str, expected: Fields) -> None:
    """Nobody is told off for an extra & or a lonely %."""
    assert read(form) == expected


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (f"{FORM}; charset=UTF-8", b"a=b"),
        (FORM.upper(), b"a=b"),
        (f" {FORM} ;x", b"a=b"),
        (None, b"a=b"),
        ("", b"a=b"),
        (f"{JSON};charset=utf-8", b'{"a":"b"}'),
        ("Application/JSON", b'{"a":"b"}'),
        (None, b' \n{"a":"b"}'),
        ('multipart/form-data; boundary="xXx"', multipart(("a", "b"))),
        ("Multipart/Form-Data; charset=utf-8; boundary=xXx", multipart(("a", "b"))),
    ],
)
def test_the_content_type_tells_how_to_read(kind: str | None, body: bytes) -> None:
    """Whatever its case and its parameters; without one, what looks like JSON is JSON."""
    assert read(body, kind) == {"a": "b"}


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/jsonx", "x", "/"])
def test_another_kind_of_body_is_unreadable(kind: str) -> None:
    """Nothing is guessed where something is said."""
    with pytest.raises(UnreadableError):
        read("a=b", kind)


@pytest.mark.parametrize(
    "body",
    [
        *("", "x", "[]", '"a"', "1", "null", '{"a":1', '{"a":1}x', "{'a':1}", '{"a":}', "{,}"),
        *('{"a":NaN}', '{"a":Infinity}', '{"a":-Infinity}', '{"a":01}', '{"a":+1}', '{"a":.5}'),
        *('{"a":"\\ud800"}', '{"\\udfff":1}', '{"a":["\\ud83d"]}'),
        *(nested(MAX_DEPTH + 1), nested(5000), "[" * 100_000),
    ],
    ids=lambda body: body[:12],
)
def test_json_that_cannot_be_echoed_is_unreadable(body: str) -> None:
    """No object, not JSON, half a character, or too deep."""
    with pytest.raises(UnreadableError):
        read(body, JSON)


@pytest.mark.parametrize(
    "body",
    [
        *(b'{"a":"\xff"}', b"\x80", b"\xff\xfe\x00", b'{"a":"\xed\xa0\x80"}'),
        *('{"a":1}'.encode(encoding) for encoding in ("utf-8-sig", "utf-16", "utf-32-be")),
    ],
)
def test_json_that_is_not_utf_8_is_unreadable(body: bytes) -> None:
    """No other encoding is guessed at, and a mark of one in front is none of JSON's characters."""
    with pytest.raises(UnreadableError):
        read(body, JSON)


@pytest.mark.parametrize("depth", [1, 2, MAX_DEPTH])
def test_json_may_nest_to_the_bound(depth: int) -> None:
    """The wire needs two levels."""
    assert read(nested(depth), JSON) == json.loads(nested(depth))


VALUES = st.none() | st.booleans() | st.integers() | st.text()
DOCUMENTS = st.dictionaries(
    st.text(), VALUES | st.lists(VALUES) | st.dictionaries(st.text(), VALUES)
)


@settings(deadline=None)
@given(DOCUMENTS, st.booleans())
def test_json_is_read_as_it_is(document: dict[str, Any], ascii_only: bool) -> None:  # noqa: FBT001
    """Escaped or not, with every type of value."""
    assert read(json.dumps(document, ensure_ascii=ascii_only), JSON) == document


@given(st.binary(max_size=60), st.sampled_from([FORM, JSON, MULTIPART, None]))
def test_whatever_comes_is_read_or_unreadable(body: bytes, kind: str | None) -> None:
    """No body makes the reader fail in another way, and what is read can be written again."""
    try:
        fields = read(body, kind)
    except (UnreadableError, TooManyParametersError):
        return
    json.dumps(fields, ensure_ascii=False).encode()


@pytest.mark.parametrize("form", [b"a=\xff", b"a=%ff", b"%ff=a", b"a=%ED%A0%80", b"\xed\xa0\x80=a"])
def test_a_form_that_is_no_text_is_unreadable(form: bytes) -> None:
    """A body must be UTF-8; half a character is not."""
    with pytest.raises(UnreadableError):
        read(form)


@pytest.mark.parametrize("part", [b"?", b'"a"'])
def test_a_multipart_body_that_is_no_text_is_unreadable(part: bytes) -> None:
    """Neither in a value nor in a name."""
    body = multipart(("a", "?")).replace(part, part[:-1] + b"\xff" + part[-1:], 1)
    with pytest.raises(UnreadableError):
        read(body, MULTIPART)


@pytest.mark.parametrize("query", [b"a=\xff", b"a=%ff", b"a=%ED%A0%80", b"a=%C3"])
def test_a_query_that_is_no_text_is_read_with_marks(query: bytes) -> None:
    """Its other fields still count, and no rule accepts the mark."""
    fields = read_query(request(b"", query=query + b"&b=c"))
    assert set(fields["a"]) == {"\ufffd"}
    assert fields["b"] == "c"


@pytest.mark.parametrize(
    "body",
    [multipart(("a", "b")).replace(b"\r\n\r\n", b"\r\n"), b"--yYy\r\n\r\nb\r\n--yYy--\r\n", b"a=b"],
)
def test_multipart_that_does_not_keep_its_form_is_unreadable(body: bytes) -> None:
    """No end of the head, another boundary, no boundary at all."""
    with pytest.raises(UnreadableError):
        read(body, MULTIPART)


def test_half_a_part_of_a_multipart_body_is_not_read() -> None:
    """Wherever a body was cut off, what is read of it was sent whole."""
    fields = {"name": "Spam callers", "blockNumbers": "9812345678"}
    body = multipart(*fields.items())
    for end in range(len(body)):
        try:
            found = read(body[:end], MULTIPART)
        except UnreadableError:
            continue
        assert found.items() <= fields.items(), body[:end]


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary="])
def test_multipart_without_a_boundary_is_unreadable(kind: str) -> None:
    """There is no telling its parts apart."""
    with pytest.raises(UnreadableError):
        read(multipart(("a", "b")), kind)


def test_a_file_in_a_multipart_body_is_passed_over() -> None:
    """No field of this wire is a file."""
    head = '--xXx\r\nContent-Disposition: form-data; name="f"; filename="x.txt"\r\n'
    body = f"{head}Content-Type: text/plain\r\n\r\nfile\r\n".encode() + multipart(("a", "b"))
    assert read(body, MULTIPART) == {"a": "b"}


def readings(pairs: list[tuple[str, str]]) -> list[Callable[[], Fields]]:
    """Return what reads `pairs` from a query, a form and a multipart body."""
    encoded = urlencode(pairs).encode()
    return [
        lambda: read_query(request(b"", query=encoded)),
        lambda: read(encoded),
        lambda: read(multipart(*pairs), MULTIPART),
    ]


def test_parameters_are_counted() -> None:
    """As many as the setting says are read, one more is too many."""
    pairs = [(f"a{n}", "b") for n in range(LIMIT + 1)]
    for reading in readings(pairs[:-1]):
        assert reading() == dict(pairs[:-1])
    for reading in readings(pairs):
        with pytest.raises(TooManyParametersError):
            reading()
