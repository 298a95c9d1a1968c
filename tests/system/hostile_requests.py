"""Requests that no honest caller sends, in tables: each row has a name, what is sent, what comes.

Every body is a good one, spoilt in one way: were it taken after all, something would be written.
"""

import base64
import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from urllib.parse import urlencode

from tests.system.client import GROUPS, PHONES

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=edge"

FIELDS: Mapping[str, object] = {
    "id": "1",
    "name": "Hostile",
    "description": "Hostile callers",
    "blockNumbers": "9812345678",
}

DEEP = 100_000
MEGABYTE = 1_000_000
NUL = "\0"


@dataclass(frozen=True)
class Body:
    """A body with the media type that it claims to have."""

    name: str
    content_type: str
    content: bytes = field(repr=False)

    def __str__(self) -> str:
        """Return the name, which pytest shows."""
        return self.name


@dataclass(frozen=True)
class Raw:
    """Bytes for the socket; `{basic}` in them is the account's."""

    name: str
    parts: tuple[bytes, ...] = field(repr=False)

    def __str__(self) -> str:
        """Return the name, which pytest shows."""
        return self.name


def as_json(**changes: object) -> bytes:
    """Return the good fields as JSON, some of them changed."""
    return json.dumps({**FIELDS, **changes}).encode()


def as_form(**changes: object) -> bytes:
    """Return the good fields as a form, some of them changed."""
    return urlencode({**FIELDS, **changes}).encode()


def as_multipart(**changes: object) -> bytes:
    """Return the good fields as multipart, some of them changed."""
    return b"".join(part(n, str(v).encode()) for n, v in {**FIELDS, **changes}.items()) + LAST


def part(name: str, value: bytes, header: bytes = b"") -> bytes:
    """Return one part of a multipart body."""
    disposition = f'Content-Disposition: form-data; name="{name}"\r\n'.encode()
    return b"--edge\r\n" + disposition + header + b"\r\n" + value + b"\r\n"


LAST = b"--edge--\r\n"


def json_with(value: bytes, name: str = "description") -> bytes:
    """Return JSON in which one field is `value`, which need not be JSON."""
    return as_json(**{name: "<value>"}).replace(b'"<value>"', value)


UNREADABLE = [
    Body("json in latin-1", JSON, json_with(b'"H\xf6stile callers"')),
    Body("json in utf-16", JSON, as_json().decode().encode("utf-16")),
    Body("json in utf-16 without a mark", JSON, as_json().decode().encode("utf-16-le")),
    Body("json in utf-32", JSON, as_json().decode().encode("utf-32")),
    Body("json with overlong utf-8", JSON, json_with(b'"Hostile \xc0\xaf"')),
    Body("json compressed", JSON, gzip.compress(as_json())),
    Body("json cut short", JSON, as_json()[:-1]),
    Body("json with a tail", JSON, as_json() + b"}"),
    Body("json twice", JSON, as_json() + as_json()),
    Body("json with single quotes", JSON, as_json().replace(b'"', b"'")),
    Body("json with a bare NUL", JSON, json_with(b'"Hostile\0callers"')),
    Body("json of nothing", JSON, b""),
    Body("json of spaces", JSON, b" " * 1000),
    Body("json that only opens lists", JSON, b"[" * DEEP),
    Body("json that only opens objects", JSON, b'{"a":' * DEEP),
    Body("json with deep lists", JSON, json_with(b"[" * DEEP + b"]" * DEEP)),
    Body("json with deep objects", JSON, json_with(b'{"a":' * DEEP + b"1" + b"}" * DEEP)),
    Body("json with a hundred levels", JSON, json_with(b"[" * 100 + b"]" * 100)),
    Body("json with NaN", JSON, json_with(b"NaN")),
    Body("json with Infinity", JSON, json_with(b"Infinity")),
    Body("json with -Infinity", JSON, json_with(b"-Infinity")),
    Body("json with an unpaired surrogate", JSON, json_with(rb'"Hostile \ud800"')),
    Body("json with an unpaired surrogate in a name", JSON, json_with(rb'"x","\udfff":"x"')),
    Body("json with reversed surrogates", JSON, json_with(rb'"Hostile \ude00\ud83d"')),
    Body("json that is a list", JSON, b"[" + as_json() + b"]"),
    Body("json that is a text", JSON, json.dumps(as_json().decode()).encode()),
    Body("json that is null", JSON, b"null"),
    Body("json that is a number", JSON, b"1"),
    Body("json that is true", JSON, b"true"),
    Body("form with a raw latin-1 byte", FORM, as_form().replace(b"+callers", b"+c\xe4llers")),
    Body("form with a latin-1 escape", FORM, as_form().replace(b"+callers", b"+c%E4llers")),
    Body("form with a surrogate", FORM, as_form().replace(b"+callers", b"%ED%A0%80")),
    Body("form in utf-16", FORM, as_form().decode().encode("utf-16")),
    Body("form of garbage", FORM, bytes(range(256)) * 100),
    Body("multipart without a boundary", "multipart/form-data", as_multipart()),
    Body("multipart with a blank boundary", "multipart/form-data; boundary=", as_multipart()),
    Body("multipart with another boundary", "multipart/form-data; boundary=x", as_multipart()),
    Body("multipart with a long boundary", f"multipart/form-data; boundary={'x' * 9000}", LAST),
    Body("multipart with a broken boundary", 'multipart/form-data; boundary="', as_multipart()),
    Body("multipart cut short", MULTIPART, as_multipart()[: -len(LAST) - 2]),
    Body("multipart cut in a header", MULTIPART, as_multipart()[:100]),
    Body("multipart without parts", MULTIPART, LAST),
    Body("multipart of nothing", MULTIPART, b""),
    Body("multipart of garbage", MULTIPART, bytes(range(256)) * 100),
    Body(
        "multipart with a part without a name",
        MULTIPART,
        as_multipart().replace(b' name="name"', b""),
    ),
    Body(
        "multipart with a part without a disposition",
        MULTIPART,
        as_multipart().replace(b"Content-Disposition: form-data; name", b"X-Other: form-data; x"),
    ),
    Body(
        "multipart with a huge header",
        MULTIPART,
        part("more", b"x", b"X-Huge: " + b"x" * 500_000 + b"\r\n") + as_multipart(),
    ),
    Body(
        "multipart with many headers",
        MULTIPART,
        part("more", b"x", b"X-Many: x\r\n" * 10_000) + as_multipart(),
    ),
    Body(
        "multipart with a value in latin-1",
        MULTIPART,
        as_multipart().replace(b"Hostile callers", b"H\xf6stile callers"),
    ),
    Body(
        "multipart with a name in latin-1",
        MULTIPART,
        part("more", b"x").replace(b"more", b"m\xf6re") + as_multipart(),
    ),
    Body(
        "multipart with broken base64",
        MULTIPART,
        part("more", b"x", b"Content-Transfer-Encoding: base64\r\n") + as_multipart(),
    ),
    Body("a body of another type", "text/xml", as_form()),
    Body("a body of a type that is none", "application/json/form", as_json()),
    Body("a body of a type that is not ASCII", "application/js\xf6n", as_json()),
    Body("a body of a long type", "x" * 10_000, as_json()),
]
"""What cannot be read: the contract says that then the parameters are missing."""

LONG_LIST = ["9812345678"] * 50_000

# Numbers that JSON allows and that neither Python nor any database keeps as they are.
HUGE_NUMBERS = {
    "a number of 5000 digits": b"9" * 5000,
    "a number of 900,000 digits": b"9" * 900_000,
    "a number below zero of 5000 digits": b"-" + b"9" * 5000,
    "a number past all floats": b"1e999",
    "a number below all floats": b"-1e999",
}

_BAD_TEXTS = {
    "with NUL": f"Hos{NUL}tile",
    "NUL": NUL,
    "null": None,
    "blank": " " * 10,
    "very long": "x" * 900_000,
    "true": True,
    "a fraction": 12.5,
    "a list": ["Hostile"],
    "a list of many": ["x"] * 1000,
    "an object of many": {str(n): n for n in range(1000)},
}

_BAD_NUMBERS = {
    "with NUL": f"98123{NUL}45678",
    "NUL": NUL,
    "null": None,
    "blank": "",
    "no list at all": [],
    "of many commas": "," * 100_000,
    "of many numbers": LONG_LIST,
    "joined from many numbers": ",".join(LONG_LIST),
    "nested": [[["9812345678"]]],
    "an object": {"9812345678": "9812345678"},
    "a fraction": 9812345678.5,
    "below zero": -9812345678,
    "true": True,
    "in full-width digits": "\N{FULLWIDTH DIGIT NINE}812345678",
    "in Devanagari digits": "\N{DEVANAGARI DIGIT NINE}812345678",
    "after a line end": "\n9812345678",
    "before a line end": "9812345678\n",
    "after a mark of direction": "\N{RIGHT-TO-LEFT MARK}9812345678",
}

_BAD_EXPIRIES = {
    "with NUL": f"2099-01-01 00:00:0{NUL}",
    "null": None,
    "in the year 0": "0000-01-01 00:00:00",
    "in the year 1": "0001-01-01 00:00:00",
    "in a month 13": "2099-13-01 00:00:00",
    "on a 30 February": "2099-02-30 00:00:00",
    "at second 60": "2099-01-01 00:00:60",
    "before a line end": "2099-01-01 00:00:00\n",
    "a list": ["2099-01-01 00:00:00"],
    "a number": 4070908800,
    "in full-width digits": "\N{FULLWIDTH DIGIT TWO}099-01-01 00:00:00",
    "very long": "9" * 900_000,
}

_BAD_IDS = {
    "with NUL": f"1{NUL}",
    "null": None,
    "blank": "",
    "below zero": -1,
    "zero": 0,
    "a fraction": 1.0,
    "true": True,
    "a list": [1],
    "an object": {"id": 1},
    "past 64 bits": 2**64 + 1,
    "a text past 64 bits": str(2**64 + 1),
    "with a space": " 1",
    "with a line end": "1\n",
    "with a sign": "+1",
    "hexadecimal": "0x1",
    "in full-width digits": "\N{FULLWIDTH DIGIT ONE}",
    "SQL": "1 or 1=1",
}


def spoilt(name: str, values: Mapping[str, object]) -> list[Body]:
    """Return JSON bodies in which the field `name` has one of `values`, or a huge number."""
    bad = {title: json.dumps(value).encode() for title, value in values.items()}
    return [
        Body(f"{name} {title}", JSON, json_with(value, name))
        for title, value in {**bad, **HUGE_NUMBERS}.items()
    ]


BAD_VALUES = {
    "name": [*spoilt("name", _BAD_TEXTS), *spoilt("description", _BAD_TEXTS)],
    "blockNumbers": spoilt("blockNumbers", _BAD_NUMBERS),
    "expiryDate": spoilt("expiryDate", _BAD_EXPIRIES),
}
"""What can be read and breaks the rule of its field, by the key under which that is told."""

BAD_IDS = spoilt("id", _BAD_IDS)
"""What names no group, though it may come near the number of one."""

TOO_MUCH = {
    Body("10 MB of json", JSON, as_json(description="x" * 10 * MEGABYTE)): 413,
    Body("10 MB of form", FORM, as_form(description="x" * 10 * MEGABYTE)): 413,
    Body("10 MB of multipart", MULTIPART, as_multipart(description="x" * 10 * MEGABYTE)): 413,
    Body("10 MB of nothing known", "application/octet-stream", b"\0" * 10 * MEGABYTE): 413,
    Body("a million parameters in a form", FORM, as_form() + b"&a" * MEGABYTE): 413,
    Body("a million numbers in a form", FORM, as_form() + b"&blockNumbers[]=1" * MEGABYTE): 413,
    Body("a million parts", MULTIPART, part("a", b"b") * MEGABYTE + as_multipart()): 413,
    Body("twenty thousand parameters in a form", FORM, as_form() + b"&a" * 20_000): 400,
    Body("fifteen thousand parts", MULTIPART, part("a", b"b") * 15_000 + as_multipart()): 400,
}

_GET = f"GET {PHONES}?action=create HTTP/1.1\r\nHost: ringfence\r\n".encode()
_POST = (
    f"POST {GROUPS} HTTP/1.1\r\nHost: ringfence\r\nConnection: close\r\n"
    f"Authorization: Basic {{basic}}\r\nContent-Type: {FORM}\r\n"
).encode()
_GOOD = as_form()
_CHUNKED = _POST + b"Transfer-Encoding: chunked\r\n\r\n"


def chunk(content: bytes) -> bytes:
    """Return one chunk of a body that is sent in chunks."""
    return b"%x\r\n%s\r\n" % (len(content), content)


def sized(head: bytes, body: bytes, length: object) -> tuple[bytes, ...]:
    """Return a request that claims its body to have another length."""
    return (head + f"Content-Length: {length}\r\n\r\n".encode() + body,)


REFUSED_RAW = [
    Raw("10 MB of query", (f"GET {PHONES}?a=".encode(), b"x" * 10 * MEGABYTE, b" HTTP/1.1\r\n")),
    Raw("a million parameters in the query", (f"GET {PHONES}?".encode(), b"&a" * MEGABYTE)),
    Raw("twenty thousand parameters", (f"GET {PHONES}?{'&a' * 20_000} HTTP/1.0\r\n\r\n".encode(),)),
    Raw("10 MB of path", (b"GET /", b"x" * 10 * MEGABYTE, b" HTTP/1.1\r\n")),
    Raw("10 MB of one header", (_GET + b"X: ", b"x" * 10 * MEGABYTE, b"\r\n\r\n")),
    Raw("10 MB of one header's name", (_GET, b"x" * 10 * MEGABYTE, b": x\r\n\r\n")),
    Raw("a million headers", (_GET, b"X: x\r\n" * MEGABYTE, b"\r\n")),
    Raw("10 MB in chunks", (_CHUNKED, *[chunk(b"x" * 65536)] * 160, chunk(b""))),
    Raw("a million chunks", (_CHUNKED, chunk(b"x") * 2 * MEGABYTE, chunk(b""))),
    Raw("a chunk whose size is none", (_CHUNKED + b"zz\r\n" + _GOOD,)),
    Raw("a chunk past 64 bits", (_CHUNKED + b"f" * 17 + b"\r\n" + _GOOD,)),
    Raw("a method that nobody knows", (f"CREATE {PHONES} HTTP/1.1\r\n\r\n".encode(),)),
    Raw("a method in lower case", (f"get {PHONES} HTTP/1.1\r\n\r\n".encode(),)),
    Raw("a long method", (b"G" * 100_000 + b" / HTTP/1.1\r\n\r\n",)),
    Raw("a tunnel", (b"CONNECT ringfence:443 HTTP/1.1\r\nHost: ringfence\r\n\r\n",)),
    Raw("HTTP/2", (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",)),
    Raw("TLS", (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500,)),
    Raw("garbage", (bytes(range(256)) * 10,)),
    Raw("line ends only", (b"\r\n" * 1000 + b"\0\r\n\r\n",)),
    Raw("no version", (f"GET {PHONES} HTTP\r\n\r\n".encode(),)),
    Raw("bytes past ASCII in the path", (b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",)),
    Raw("a NUL in the path", (b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n",)),
    Raw("a NUL in a header", (_GET + b"X: a\0b\r\n\r\n",)),
    Raw("a header without a name", (_GET + b": x\r\n\r\n",)),
    Raw("a header without a colon", (_GET + b"X\r\n\r\n",)),
    Raw("a folded header", (_GET + b"X: a\r\n b\r\n\r\n",)),
    Raw("a space before the colon", (_GET + b"X : a\r\n\r\n",)),
    Raw("a length below zero", sized(_POST, _GOOD, -1)),
    Raw("a length past 64 bits", sized(_POST, _GOOD, 2**64 + len(_GOOD))),
    Raw("a length that is no number", sized(_POST, _GOOD, "many")),
    Raw("a length in hexadecimal", sized(_POST, _GOOD, hex(len(_GOOD)))),
    Raw("two lengths", sized(_POST + b"Content-Length: 3\r\n", _GOOD, len(_GOOD))),
    Raw("a length and chunks", sized(_POST + b"Transfer-Encoding: chunked\r\n", _GOOD, 3)),
    Raw("an encoding that nobody knows", (_POST + b"Transfer-Encoding: x\r\n\r\n" + _GOOD,)),
]
"""Each is refused with a clear 4xx, and the connection is closed."""

ABANDONED_RAW = [
    Raw("nothing at all", ()),
    Raw("half a request line", (f"GET {PHONES}?act".encode(),)),
    Raw("half a head", (_POST[:-5],)),
    Raw("a head and no body", sized(_POST, b"", len(_GOOD))),
    Raw("half a body", sized(_POST, _GOOD[:20], len(_GOOD))),
    Raw("a body shorter than its length", sized(_POST, _GOOD, len(_GOOD) + 1)),
    Raw("half a chunk", (_CHUNKED + chunk(_GOOD)[:20],)),
    Raw("no last chunk", (_CHUNKED + chunk(_GOOD),)),
    Raw("no end of the trailers", (_CHUNKED + chunk(_GOOD) + b"0\r\nX: x\r\n",)),
]
"""The caller hangs up before its request is whole, so there is nobody to answer and no request."""


def encoded(text: str | bytes) -> str:
    """Return the Base64 of a text."""
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


def bad_authorizations(user_name: str, key: str) -> Mapping[str, str]:
    """Return headers that must let nobody in, though the account of this name has this key."""
    good = encoded(f"{user_name}:{key}")
    return {
        "empty": "",
        "a name only": "Basic",
        "no credentials": "Basic ",
        "no Base64": "Basic !!!!",
        "Base64 without its padding": f"Basic {encoded(f'{user_name}:{key}x').rstrip('=')}",
        "Base64 with a tail": f"Basic {good} x",
        "Base64 of nothing": f"Basic {encoded('')}",
        "not encoded": f"Basic {user_name}:{key}",
        "encoded twice": f"Basic {encoded(good)}",
        "no colon": f"Basic {encoded(user_name + key)}",
        "a colon only": f"Basic {encoded(':')}",
        "no key": f"Basic {encoded(f'{user_name}:')}",
        "no user name": f"Basic {encoded(f':{key}')}",
        "another user name": f"Basic {encoded(f'x{user_name}:{key}')}",
        "another key": f"Basic {encoded(f'{user_name}:{key}x')}",
        "half the key": f"Basic {encoded(f'{user_name}:{key[:-1]}')}",
        "the wrong way round": f"Basic {encoded(f'{key}:{user_name}')}",
        "a space after the key": f"Basic {encoded(f'{user_name}:{key} ')}",
        "a line end after the key": f"Basic {encoded(f'{user_name}:{key}{chr(10)}')}",
        "a NUL after the key": f"Basic {encoded(f'{user_name}:{key}{NUL}')}",
        "a NUL after the user name": f"Basic {encoded(f'{user_name}{NUL}:{key}')}",
        "not UTF-8": f"Basic {encoded(bytes([255, 254]) + b':' + key.encode())}",
        "in UTF-16": f"Basic {encoded(f'{user_name}:{key}'.encode('utf-16'))}",
        "a bearer": f"Bearer {key}",
        "a bearer of the credentials": f"Bearer {good}",
        "a digest": f'Digest username="{user_name}", response="{key}"',
        "no scheme": good,
        "another scheme that starts alike": f"Basics {good}",
        "a long user name": f"Basic {encoded('x' * 30_000 + ':' + key)}",
        "a long key": f"Basic {encoded(user_name + ':' + 'x' * 30_000)}",
        "past ASCII": "Basic \xe4\xf6\xfc",
    }


def for_gateway(body: Body, user_name: str) -> Body:
    """Return a body that says who calls, as the newer door wants it, and names group 1."""
    who = json.dumps({"userName": user_name, "groupName": "First"}).encode()[:-1] + b", "
    return Body(body.name, body.content_type, body.content.replace(b"{", who, 1))


BAD_PHONE_FIELDS = {
    name: spoilt(name, _BAD_TEXTS) for name in ("action", "userName", "phoneName", "phoneNumber")
}
"""What is no action, no user name, no phone name and no phone number."""

BAD_GROUP_NAMES = spoilt("groupName", _BAD_TEXTS)
"""What no group is called."""


def bad_keys(key: str) -> Mapping[str, str]:
    """Return values of the header `apiKey` that must let nobody in, though `key` does."""
    return {
        "empty": "",
        "a tail": f"{key}x",
        "half": key[: len(key) // 2],
        "all but the last": key[:-1],
        "quoted": f'"{key}"',
        "encoded": encoded(key),
        "in capitals": key.upper(),
        "twice": f"{key},{key}",
        "with its name": f"apiKey: {key}",
        "as a bearer": f"Bearer {key}",
        "a space inside": f"{key[:5]} {key[5:]}",
        "long": "x" * 30_000,
        "past ASCII": "\xe4\xf6\xfc",
        "SQL": "' or '1'='1",
    }


def bad_bearers(key: str, token: str, other: str) -> Mapping[str, str]:
    """Return values of `Authorization` that must let nobody in, though `token` does.

    `key` is the account's, which counts for nothing here, `other` another account's token.
    """
    header, claims, signature = token.split(".")
    unsigned = encoded(json.dumps({"alg": "none", "typ": "JWT"})).rstrip("=")
    deep = encoded(b'{"alg":"HS256","a":' + b"[" * 20_000).rstrip("=")
    return {
        "empty": "",
        "a name only": "Bearer",
        "nothing": "Bearer ",
        "the key": f"Bearer {key}",
        "another account's": f"Bearer {other}",
        "no scheme": token,
        "another scheme": f"Basic {token}",
        "a token scheme": f"Token {token}",
        "no signature": f"Bearer {header}.{claims}.",
        "no third part": f"Bearer {header}.{claims}",
        "unsigned": f"Bearer {unsigned}.{claims}.",
        "unsigned, with the signature": f"Bearer {unsigned}.{claims}.{signature}",
        "another's claims": f"Bearer {header}.{other.split('.')[1]}.{signature}",
        "the claims twice": f"Bearer {header}.{claims}.{claims}",
        "a tail": f"Bearer {token}x",
        "a fourth part": f"Bearer {token}.x",
        "two": f"Bearer {token} {token}",
        "joined": f"Bearer {token},{token}",
        "in capitals": f"Bearer {token.upper()}",
        "encoded": f"Bearer {encoded(token)}",
        "quoted": f'Bearer "{token}"',
        "dots only": "Bearer ..",
        "a header without end": f"Bearer {deep}.{claims}.{signature}",
        "long": f"Bearer {'x' * 60_000}",
        "past ASCII": "Bearer \xe4\xf6\xfc",
    }


def bodies() -> Iterable[Body]:
    """Return every body of the tables."""
    return chain(UNREADABLE, TOO_MUCH, BAD_IDS, *BAD_VALUES.values())
