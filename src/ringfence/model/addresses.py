"""Who is named where a number is asked for: alone, in a URI, or as a SIP header has it.

That is `"Ravi" <sip:+919812345678@host;user=phone>;tag=1` (RFC 3261 sections 19.1 and 20.10),
`tel:98123-45678;phone-context=+91` (RFC 3966), what stands in their place without a scheme, and
the bare text. Nothing here knows which of it is a number.
"""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote

INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Zero-width characters, and those that say in which direction to write."""

NOBODYS_HOSTS = frozenset({"anonymous.invalid", "unknown.invalid"})
"""Hosts of callers who are not named, whatever stands before them.

Of RFC 3323 section 4.1.1.3, and of 3GPP TS 23.003 for callers whose number the network has not.
"""

_QUOTED = re.compile(r'\s*"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_SCHEME = re.compile(r"\s*(tel|sips?):(?://)?", re.IGNORECASE)
_HOST = re.compile(r"[^:;?>\s]*")
# A + that was sent unencoded in a query is a blank by now.
_CONTEXT = re.compile(r";phone-context=[+ ]([0-9.()-]+)", re.IGNORECASE)
_OTHER_BLANKS = re.compile(r"[^\S ]")


@dataclass(frozen=True, slots=True)
class Address:
    """A number or word with the blanks around it, and the name that is displayed with it.

    Of a host that says that nobody is named, `user` is that host.
    """

    user: str
    name: str = ""


def read_address(text: str) -> Address:
    """Return who is named in `text`, in ASCII as far as there are such digits and signs.

    Takes any text at all; one of no such form is a `user` as it stands.
    """
    name, uri = _named(text if text.isascii() else _in_ascii(text))
    return Address(_user(uri), name)


def is_wrapped(text: str) -> bool:
    """Whether `text` is a URI of a call, or between angle brackets, and no bare number."""
    return "<" in text or _SCHEME.match(text) is not None


def _in_ascii(text: str) -> str:
    # A blank of another kind is never a + that was lost.
    seen = _OTHER_BLANKS.sub("  ", INVISIBLE.sub("", text))
    plain = INVISIBLE.sub("", unicodedata.normalize("NFKC", seen))
    return "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in plain)


def _named(text: str) -> tuple[str, str]:
    """Return the displayed name of a header's value, and what it names."""
    quoted = _QUOTED.match(text)
    rest = text[quoted.end() :] if quoted else text
    before, opening, inner = rest.partition("<")
    uri, closing, _ = inner.partition(">")
    if opening and closing:
        return (quoted[1] if quoted else before.strip()), uri
    return "", quoted[1] if quoted and not rest.strip() else text


def _user(uri: str) -> str:
    scheme = _SCHEME.match(uri)
    user, at, host = (uri[scheme.end() :] if scheme else uri).partition("@")
    if (named := _HOST.match(host)) and named[0].lower() in NOBODYS_HOSTS:
        return named[0]
    if at or (scheme and scheme[1].lower() != "tel"):
        user = user.partition(":")[0]
    number, semicolon, parameters = unquote(user).partition(";")
    context = _CONTEXT.search(semicolon + parameters)
    return f"+{context[1]}{number}" if context and not number.startswith("+") else number
