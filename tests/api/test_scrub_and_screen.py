"""A calling list loses just the rows whose calls would be blocked."""

from itertools import product

from tests.api.house import FRIEND, OWN_NUMBER, SKILL, File, House

MODES = ("enforce", "monitor", "off")
DIRECTIONS = ("both", "inbound", "outbound")


def test_a_scrub_drops_what_screening_blocks(house: House) -> None:
    """By groups of every mode and direction, with and without a scope, and by prefixes."""
    numbers = []
    kinds = product(MODES, DIRECTIONS, ((), (SKILL,)))
    for place, (mode, direction, skills) in enumerate(kinds):
        made = house.admin.post(
            "/v1/block-groups",
            name=f"Kind {place}",
            mode=mode,
            direction=direction,
            scope={"skills": skills},
        )
        mine = [f"+91987650{place:02}{end:02}" for end in range(3)]
        entries = [mine[0], f"+91987650{place:02}01*", FRIEND]
        house.admin.post(f"/v1/block-groups/{made['id']}/numbers", numbers=entries)
        numbers += mine
    numbers += [FRIEND, OWN_NUMBER, "112", "12345"]
    told = house.admin.post("/v1/screen/batch", numbers=numbers, direction="outbound")
    passed = [each["number"] for each in told["results"] if each["disposition"] == "pass"]
    file = File("\n".join(["phone", *numbers, ""]).encode())
    kept = house.admin.ask("POST", "/v1/scrub?column=phone", file).body.decode().split()
    assert kept == ["phone", *passed]
    assert len(passed) == len(numbers) - 4, "two numbers of each of two groups"
