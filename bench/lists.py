"""A page of 100 of each list and search of /v1, at a million stored things against a thousand."""

import random
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import apsw

from bench.creates import bulk, make_account, ratio
from bench.load import requests_per_s
from bench.report import Figure
from bench.servers import KEY, Server, ringfence

ROUNDS = 5
REQUESTS = 160
PAGE = b'"next":"'
"""Every page asked for is full and has a next one."""

SKILLS = 5


class Shape(NamedTuple):
    """Numbers are 9, a lead, a middle and an end: leads * middles * ends of them.

    So whatever is searched for, at least 100 are found, in the small store too.
    """

    leads: int
    middles: int
    ends: int

    def national_numbers(self) -> Iterator[tuple[int, int, int]]:
        """Yield lead, middle and end of every number, in the order of the digits."""
        return product(range(self.leads), range(self.middles), range(self.ends))


SMALL = Shape(5, 44, 5)
LARGE = Shape(100, 100, 100)
_Path = Callable[[random.Random, Shape], str]

PAGES: dict[str, _Path] = {
    "phone numbers": lambda _, __: "phone-numbers",
    "phone numbers by leading digits": lambda r, s: (
        f"phone-numbers?number=9{r.randrange(s.leads):03}"
    ),
    "phone numbers by last digits": lambda r, s: f"phone-numbers?last={r.randrange(s.ends):04}",
    "phone numbers by name": lambda r, s: f"phone-numbers?name=desk.{r.randrange(s.ends):04}",
    "phone numbers by skill": lambda r, _: f"phone-numbers?skill=S{r.randrange(SKILLS)}",
    "phone numbers by state": lambda _, __: "phone-numbers?state=off",
    "hunt": lambda r, _: f"hunt?skill=S{r.randrange(SKILLS)}",
    "block groups": lambda _, __: "block-groups",
    "numbers of a group": lambda _, __: "block-groups/1/numbers",
    "numbers of a group by leading digits": lambda r, s: (
        f"block-groups/1/numbers?number=9{r.randrange(s.leads):03}"
    ),
    "allowed numbers": lambda _, __: "allowed-numbers",
    "allowed numbers by leading digits": lambda r, s: (
        f"allowed-numbers?number=9{r.randrange(s.leads):03}"
    ),
    "blocks of one number": lambda _, __: "blocked-numbers?number=9000000000",
    "changes, oldest first": lambda _, __: "changes",
    "changes, newest first": lambda _, __: "changes?order=newest",
}


def lists(folder: Path) -> Iterator[Figure]:
    """Yield how much longer each page takes at a million."""
    small = _filled(folder / "lists-small.db", SMALL)
    large = _filled(folder / "lists-large.db", LARGE)
    with ringfence(small) as few, ringfence(large) as many:
        for what, path in PAGES.items():
            yield _figure(what, path, (few, SMALL), (many, LARGE))


def _figure(
    what: str, path: _Path, few: tuple[Server, Shape], many: tuple[Server, Shape]
) -> Figure:
    rates: dict[int, list[float]] = {few[0].port: [], many[0].port: []}
    for round_ in range(ROUNDS + 1):
        for server, shape in (few, many) if round_ % 2 else (many, few):
            rate = requests_per_s(server.port, _requests(path, shape), PAGE)
            if round_:  # the first warms everything up
                rates[server.port].append(rate)
    small, large = rates.values()
    made_of = f"{max(large):,.0f} a second against {max(small):,.0f}"
    return Figure(f"page of 100, {what}: time at a million", ratio(small, large), "≤ 2", made_of)


def _requests(path: _Path, shape: Shape) -> list[bytes]:
    chance = random.Random(7)
    return [_request(path(chance, shape)) for _ in range(REQUESTS)]


def _request(target: str) -> bytes:
    head = f"GET /v1/{target} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {KEY}\r\n\r\n"
    return head.encode()


def _filled(path: Path, shape: Shape) -> str:
    url = f"sqlite:///{path}"
    make_account(url)
    with bulk(path) as connection:
        connection.execute("delete from change")
        for table, rows in _tables(shape).items():
            _fill(connection, table, rows)
        _count(connection)
    return url


def _fill(connection: apsw.Connection, table: str, rows: Iterator[tuple[Any, ...]]) -> None:
    first = next(rows)
    sql = f"insert into {table} values ({', '.join('?' * len(first))})"
    connection.execute(sql, first)
    connection.executemany(sql, rows)


def _tables(shape: Shape) -> dict[str, Iterator[tuple[Any, ...]]]:
    """Return the rows of every table, as many of each as there are numbers."""
    return {
        "skill": ((1, 2 + i, f"S{i}", f"s{i}", 0) for i in range(SKILLS)),
        "phone_number": (_phone(*each) for each in enumerate(shape.national_numbers(), 1)),
        "phone_number_skill": (
            (1, i, 2 + i % SKILLS, f"01{_name(*number).lower()}")
            for i, number in enumerate(shape.national_numbers(), 1)
        ),
        "block_group": (
            (1, i, f"Group {i}", f"group {i}", "", 0, 0, *_SETTINGS)
            for i, _ in enumerate(shape.national_numbers(), 1)
        ),
        "batch": iter([(1, 1, "bench", None, 0, "")]),
        "blocked_number": _blocked(shape),
        "allowed_number": (
            (1, _number(*number), i, 0, None, "", "bench", None, 0)
            for i, number in enumerate(shape.national_numbers(), 1)
        ),
        "change": (
            (i, 1, i, 0, "bench", None, "key.created", "1", None, '{"label": "bench"}', None)
            for i, _ in enumerate(shape.national_numbers(), 1)
        ),
    }


_SETTINGS = ("enforce", "both", "[]", "[]", None, None, None)


def _blocked(shape: Shape) -> Iterator[tuple[Any, ...]]:
    """Yield every number in group 1, and one of them in 200 groups."""
    for lead, middle, end in shape.national_numbers():
        first = (lead, middle, end) == (0, 0, 0)
        for group in range(1, 201 if first else 2):
            yield 1, _number(lead, middle, end), group, None, 1


def _phone(phone_number_id: int, number: tuple[int, int, int]) -> tuple[Any, ...]:
    name, text = _name(*number), _number(*number)
    state = "off" if number[1] % 2 else "active"
    return 1, phone_number_id, name, name.lower(), text, text, 1, 0, 0, state, text[::-1]


def _number(lead: int, middle: int, end: int) -> str:
    return f"+919{lead:03}{middle:02}{end:04}"


def _name(lead: int, middle: int, end: int) -> str:
    return f"Desk.{end:04}.{lead:03}.{middle:02}"


def _count(connection: apsw.Connection) -> None:
    row = connection.execute("select count(*) from phone_number").fetchone()
    assert row is not None, "a count is always one row"
    connection.execute(
        "update account set phone_numbers_used = ?1, last_phone_number_id = ?1, "
        "last_block_group_id = ?1, last_allowed_number_id = ?1, last_batch_id = 1, "
        "last_skill_id = ?2, last_change_id = ?1",
        (row[0], 1 + SKILLS),
    )
