r"""Reads the golden files: what a caller sends, and what the contract says it gets.

A file is plain text::

    # A1: the name is already in the account (D)
    # further lines say why, or which reading (R) it pins
    @account phone_number_limit=500 region=IN skills=Sales,QA_Skill api_authentication=token
    @settings legacy_http_codes=true

    @now 2026-03-01 00:00:00
    POST /path?query
    Content-Type: application/json

    {"a":"body, until the line that starts with the arrow"}
    => 200
    Allow: GET, POST
    {"the":"answer"}

Exchanges are parted by a blank line; the last one is the row that the file is named for. Both
`@` lines at the top are optional, and so is `@now` (UTC), before any exchange. `@escapes` before an
exchange says that its body spells raw bytes as `\xff`. Line ends in a multipart body are sent
as CR LF. An answer may be `(empty)`, or `(any)` where the contract gives no text: some JSON. A
header of an answer may be `(none)`.

In requests and answers alike `{key}`, `{user}`, `{basic}` and `{other_key}`, `{other_user}`,
`{other_basic}` stand for the credentials of two accounts, `{repeat:TEXT:N}` for TEXT N times,
`{numbers:N}` for N numbers joined by commas, `{e164:N}` for the same as a JSON list says them
in E.164, and `{b64:TEXT}` for the Base64 of TEXT. In an answer `{token:NAME}` stands for any token,
which from then on is what `{NAME}` stands for.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

TOKEN = re.compile(r"\{token:(\w+)\}")
_JWT = r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"

GOLDEN = Path(__file__).parent / "golden"
FIRST_NUMBER = 9_800_000_000


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, placeholders not yet expanded."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: str
    status: int
    answer_headers: tuple[tuple[str, str], ...]
    answer: str
    line: int
    now: datetime | None = None
    escapes: bool = False

    def request_headers(self, words: Mapping[str, str]) -> list[tuple[str, str]]:
        """Return the headers as they are sent."""
        return [(name, expand(value, words)) for name, value in self.headers]

    def request_body(self, words: Mapping[str, str]) -> bytes:
        """Return the body as the bytes that are sent."""
        text = expand(self.body, words)
        if any("multipart/form-data" in value for _, value in self.headers):
            text = text.replace("\n", "\r\n")
        return _unescaped(text) if self.escapes else text.encode()


@dataclass(frozen=True)
class GoldenFile:
    """One file: the comment says the row, the exchanges play it."""

    name: str
    comments: tuple[str, ...]
    account: Mapping[str, str]
    settings: Mapping[str, str]
    exchanges: tuple[Exchange, ...]


@dataclass
class _Lines:
    """The lines still to be read of one file."""

    name: str
    lines: list[str]
    at: int = 0

    def more(self) -> bool:
        return self.at < len(self.lines)

    def peek(self) -> str:
        return self.lines[self.at] if self.more() else ""

    def take(self) -> str:
        self.at += 1
        return self.lines[self.at - 1]

    def wrong(self, what: str) -> ValueError:
        return ValueError(f"{self.name}:{self.at}: {what}")


@dataclass
class _Draft:
    """What has been read so far of one file."""

    comments: list[str] = field(default_factory=list)
    account: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    exchanges: list[Exchange] = field(default_factory=list)
    now: datetime | None = None
    escapes: bool = False


def read_all(folder: Path = GOLDEN) -> list[GoldenFile]:
    """Return every golden file, by name."""
    return [read_file(path) for path in sorted(folder.glob("*.http"))]


def read_file(path: Path) -> GoldenFile:
    """Return one golden file, or say what is wrong with which line."""
    return parse(path.name, path.read_text(encoding="utf-8"))


def parse(name: str, text: str) -> GoldenFile:
    """Return what the text of a golden file says."""
    lines, draft = _Lines(name, text.split("\n")), _Draft()
    while lines.more():
        _read_next(lines, draft)
    if not draft.comments or not draft.exchanges:
        raise lines.wrong("a golden file needs a comment and an exchange")
    exchanges = tuple(draft.exchanges)
    return GoldenFile(name, tuple(draft.comments), draft.account, draft.settings, exchanges)


def _read_next(lines: _Lines, draft: _Draft) -> None:
    line = lines.peek()
    if not line:
        lines.take()
    elif line.startswith("# "):
        draft.comments.append(lines.take()[2:])
    elif line.startswith("@"):
        _read_directive(lines, draft)
    else:
        draft.exchanges.append(_read_exchange(lines, draft))
        draft.now, draft.escapes = None, False


def _read_directive(lines: _Lines, draft: _Draft) -> None:
    name, _, rest = lines.take().partition(" ")
    if name in {"@account", "@settings"} and not draft.exchanges:
        pairs = dict(pair.split("=", 1) for pair in rest.split())
        (draft.account if name == "@account" else draft.settings).update(pairs)
    elif name == "@now":
        draft.now = datetime.strptime(rest, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    elif name == "@escapes" and not rest:
        draft.escapes = True
    else:
        raise lines.wrong(f"no such directive here: {name}")


def _read_exchange(lines: _Lines, draft: _Draft) -> Exchange:
    start = lines.at + 1
    asked = (*_read_request_line(lines), _read_headers(lines), _read_body(lines))
    status = int(lines.take().removeprefix("=> "))
    answered = (status, _read_headers(lines), lines.take())
    if not answered[-1] or lines.peek():
        raise lines.wrong("an answer is one line and then a blank one")
    return Exchange(*asked, *answered, start, draft.now, draft.escapes)


def _read_request_line(lines: _Lines) -> tuple[str, str]:
    method, _, target = lines.take().partition(" ")
    if not (re.fullmatch("[A-Z]+", method) and target.startswith("/")):
        raise lines.wrong("a request line is METHOD /path")
    return method, target


def _read_headers(lines: _Lines) -> tuple[tuple[str, str], ...]:
    headers = []
    while re.match(r"[A-Za-z-]+:", lines.peek()):
        name, _, value = lines.take().partition(":")
        headers.append((name, value.strip()))
    return tuple(headers)


def _read_body(lines: _Lines) -> str:
    body: list[str] = []
    if not lines.peek().startswith("=>") and lines.take():
        raise lines.wrong("a body starts after a blank line")
    while not lines.peek().startswith("=>"):
        if not lines.more():
            raise lines.wrong("the request has no answer")
        body.append(lines.take())
    return "\n".join(body)


def expand(text: str, words: Mapping[str, str]) -> str:
    """Return the text with every placeholder replaced."""
    for word, value in words.items():
        text = text.replace(f"{{{word}}}", value)
    text = re.sub(r"\{repeat:([^:{}]+):(\d+)\}", lambda m: m[1] * int(m[2]), text)
    text = re.sub(r"\{numbers:(\d+)\}", lambda m: ",".join(_numbers(int(m[1]))), text)
    text = re.sub(r"\{e164:(\d+)\}", lambda m: _e164_list(int(m[1])), text)
    return re.sub(r"\{b64:([^{}]*)\}", lambda m: encoded(m[1]), text)


def captured(wanted: str, told: str) -> dict[str, str]:
    """Return the tokens in the text `told` by the names that `wanted` gives them, if it fits."""
    pattern = TOKEN.sub(r"(?P<\1>{jwt})", wanted)
    literal = re.split(r"(\(\?P<\w+>\{jwt\}\))", pattern)
    regex = "".join(p.replace("{jwt}", _JWT) if "{jwt}" in p else re.escape(p) for p in literal)
    found = re.fullmatch(regex, told)
    return found.groupdict() if found else {}


def encoded(text: str) -> str:
    """Return the Base64 of the text."""
    return base64.b64encode(text.encode()).decode()


def _numbers(count: int) -> list[str]:
    return [str(FIRST_NUMBER + i) for i in range(count)]


def _e164_list(count: int) -> str:
    return ",".join(f'"+91{number}"' for number in _numbers(count))


def _unescaped(text: str) -> bytes:
    return text.encode("latin-1").decode("unicode_escape").encode("latin-1")
