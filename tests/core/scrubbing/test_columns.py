"""Many numbers at a time are read and looked up as each would be by itself."""

import io
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import compress
from operator import not_

import numpy as np
import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneMetadata

from ringfence.core.imports.cells import tidied
from ringfence.core.scrubbing import ScrubOptions, columns, feed, scrub_list
from ringfence.core.scrubbing.blocks import LoadedBlocks
from ringfence.core.scrubbing.columns import ColumnReader
from ringfence.core.scrubbing.groupings import Groupings
from ringfence.core.scrubbing.lines import Lines
from ringfence.core.scrubbing.patterns import HeldPatterns, PatternSets
from ringfence.core.scrubbing.texts import number_of
from ringfence.model.accounts import Account
from ringfence.model.numbers import E164, is_emergency
from ringfence.model.patterns import patterns_of
from ringfence.model.scrubs import GroupDrops, ScrubReport
from ringfence.model.spellings import read_number
from ringfence.store.outbound_blocks import GroupPatterns
from tests.model.texts import FULL_WIDTH_DIGITS

REGIONS = ["IN", "US", "DE", "ZA", "IT"]
NUMBERS = [
    "+919812345671",
    "+919812345672",
    "+917012345678",
    "+12125550123",
    "+493012345",
    "+4930123456789",
    "+27211234567",
    "+2710111",
    "+390612345678",
    "+81120123456789012345"[:18],
    "+213083065084",
    "+2130083065084",
]
PREFIXES = ["+91981*", "+9*", "+1212*", "+27*", "+919812345671*", "+49301234567890*", "+8*"]
NO_NUMBERS = ["", " ", "x", "é", "\udce9", FULL_WIDTH_DIGITS, "112", "0112", "withheld", "+", "0"]

spelled = st.builds(
    lambda number, make: make(number),
    st.sampled_from(NUMBERS),
    st.sampled_from(
        [
            str,
            lambda number: number[3:],
            lambda number: f"0{number[3:]}",
            lambda number: f"00{number[1:]}",
            lambda number: f"{number[:3]} {number[3:7]}-{number[7:]}",
            lambda number: f"({number[:3]}) {number[3:]}.0",
            lambda number: f" {number}\u200b",
        ]
    ),
)
cells = st.one_of(
    spelled,
    st.sampled_from(NUMBERS),
    st.sampled_from(NO_NUMBERS),
    st.text("+0123456789 ()-.*", max_size=20),
)
patterns = st.lists(st.sampled_from([*NUMBERS, *PREFIXES, "withheld"]), min_size=1, unique=True)
exempt_patterns = st.lists(st.sampled_from([*NUMBERS, *PREFIXES, "919812345671"]), max_size=3)


def read(cell: str, region: str) -> E164 | None:
    """Return the number that a cell spells, read by itself."""
    return read_number(tidied(cell), region)


@contextmanager
def pieces_of(count: int) -> Iterator[None]:
    """Have so many cells read together where one is not plain."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "PIECE", count)
        yield


@settings(max_examples=400, deadline=None)
@given(
    column=st.lists(cells, max_size=20),
    region=st.sampled_from(REGIONS),
    piece=st.integers(1, 7),
)
def test_a_column_is_read_as_its_cells_are(column: list[str], region: str, piece: int) -> None:
    """From texts and from bytes."""
    expected = [number_of(read(cell, region) or "0") for cell in column]
    reader = ColumnReader(region)
    data = "".join(f"{cell}\n" for cell in column).encode("utf-8", "surrogateescape")
    with pieces_of(piece):
        assert reader.read_texts(column).tolist() == expected
        if column:
            lines = Lines(data, ",")
            read_bytes = reader.read_bytes(
                lines.data, *lines.cells(0), lambda some: some.decode("utf-8", "surrogateescape")
            )
            assert read_bytes.tolist() == expected


def judged(
    rows: Sequence[Sequence[str]],
    place: int,
    groups: Mapping[int, Sequence[str]],
    exempt: Sequence[str],
    region: str,
) -> tuple[list[bool], ScrubReport]:
    """Return which rows are dropped, and the report, by looking at one after the other."""
    dropped, unreadable, by_group = list[bool](), 0, Counter[int]()
    for row in rows:
        number = read(row[place], region) if len(row) > place else None
        covers = set() if number is None else {*patterns_of(number)}
        found = {group for group, held in groups.items() if covers & {*held}}
        if number is None or covers & {*exempt} or is_emergency(number, region):
            found = set()
        dropped.append(bool(found))
        unreadable += number is None and bool(row)
        by_group.update(found)
    drops = tuple(GroupDrops(group, f"{group}", by_group[group]) for group in sorted(by_group))
    count = sum(map(bool, rows))
    return dropped, ScrubReport(count, sum(dropped), unreadable, drops)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_cell_ends_before_the_end_of_its_line(end: str) -> None:
    """Also the last of a line, or of a file; one that is not there is empty."""
    data = end.join(["a,bc", "", ",", "def,g,h", "i,jk"]).encode()
    lines = Lines(data, ",")
    for place, expected in enumerate(
        [["a", "", "", "def", "i"], ["bc", "", "", "g", "jk"], ["", "", "", "h", ""]]
    ):
        found = zip(*lines.cells(place), strict=True)
        assert [data[start:stop].decode() for start, stop in found] == expected


@settings(max_examples=400, deadline=None)
@given(
    rows=st.lists(
        st.one_of(
            st.just([]),
            st.tuples(st.text("aé1", max_size=3), cells, st.sampled_from(["", "Köln"])).map(list),
            st.lists(st.one_of(cells, st.just("é")), min_size=1, max_size=2),
        ),
        min_size=1,
        max_size=40,
    ),
    quoted=st.one_of(st.none(), st.integers(0, 40)),
    make=st.tuples(st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n"]), st.booleans()),
    place=st.integers(0, 1),
    groups=st.lists(patterns, min_size=1, max_size=3),
    exempt=exempt_patterns,
    region=st.sampled_from(REGIONS),
    sizes=st.tuples(st.integers(20, 400), st.integers(1, 9)),
)
def test_a_list_is_scrubbed_as_its_rows_are(
    rows: list[list[str]],
    quoted: int | None,
    make: tuple[str, str, bool],
    place: int,
    groups: list[list[str]],
    exempt: list[str],
    region: str,
    sizes: tuple[int, int],
) -> None:
    """Of any make, with rows that are shorter, blank lines, and a quote somewhere."""
    delimiter, end, is_whole = make
    rows = [row if place else row[1:] for row in rows]
    if quoted is not None:
        rows.insert(quoted, ["x", "", '"q"'])
    rows = [row if any(row) or len(row) > 1 else [] for row in rows]
    dropped, expected = judged(rows, place, dict(enumerate(groups, 1)), exempt, region)
    texts = [delimiter.join(row) + end for row in rows]
    if not is_whole and rows[-1]:
        texts[-1] = texts[-1].removesuffix(end)
    head = f"sep={delimiter}{end}{delimiter.join(['name', 'phone', 'city'])}{end}"
    kept = "".join([head, *compress(texts, map(not_, dropped))])
    left, report = scrubbed("".join([head, *texts]), place, groups, exempt, region, sizes)
    assert (left, report) == (kept, expected)


def scrubbed(
    text: str,
    place: int,
    groups: Sequence[Sequence[str]],
    exempt: Sequence[str],
    region: str,
    sizes: tuple[int, int],
) -> tuple[str, ScrubReport]:
    """Return what is left of a list that is read in blocks and pieces of such sizes."""
    account = Account(1, "alice", region, "UTC", 1, 0)
    names = {group: f"{group}" for group in range(1, len(groups) + 1)}
    sets = PatternSets(GroupPatterns(group, ",".join(groups[group - 1])) for group in names)
    blocks = LoadedBlocks(account, names, sets, ",".join(exempt))
    source, target = io.BytesIO(text.encode("utf-8", "surrogateescape")), io.BytesIO()
    with pieces_of(sizes[1]), pytest.MonkeyPatch.context() as patch:
        patch.setattr(feed, "BLOCK_BYTES", sizes[0])
        patch.setattr("ringfence.core.scrubbing.calling_lists.HEAD_BYTES", 40)
        report = scrub_list(account, blocks, source, target, ScrubOptions(f"{place + 1}"))
    return target.getvalue().decode("utf-8", "surrogateescape"), report


def test_thousands_of_numbers_are_found_as_one_is() -> None:
    """Also those whose last bits are those of others, and what stands before and behind all."""
    chance = random.Random(5)
    held = chance.sample(range(10_000, 60_000), 5_000) + [n << 40 for n in range(1, 500)]
    parts = [
        GroupPatterns(1, ",".join(f"+{number}" for number in held[:3_500])),
        GroupPatterns(2, ",".join(f"+{number}" for number in held[2_500:])),
    ]
    groupings = Groupings()
    found = HeldPatterns(groupings, PatternSets(parts)).find(
        np.array(asked := [0, 1, *range(9_000, 61_000), *(n << 40 for n in range(600))])
    )
    groups = {number: {1} for number in held[:3_500]}
    for number in held[2_500:]:
        groups[number] = {*groups.get(number, ()), 2}
    assert [groupings.groups(each) for each in found.tolist()] == [
        groups.get(number, frozenset()) for number in asked
    ]


def test_every_possible_number_fits() -> None:
    """Of each country code, the longest there is, with the highest digits."""
    longest = []
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        for region in regions:
            metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
            assert metadata is not None
            assert metadata.general_desc is not None
            longest.append(int(f"{code}{'9' * max(metadata.general_desc.possible_length)}"))
    assert max(longest) <= np.iinfo(np.int64).max
    assert max(longest) > 10**18
