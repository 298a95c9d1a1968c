"""Sixteen callers at once: limits, names, numbers and counts hold exactly."""

from collections import Counter
from pathlib import Path

from tests.system.client import EXISTS, NEW_TOKEN, SAVED, Account, Answer, Client
from tests.system.racing import CALLERS, race
from tests.system.server_process import ServerProcess, ringfence
from tests.system.stores import rows

LIMIT = 25
ATTEMPTS = 100
LIMIT_REACHED = (
    " Phone Number Limit Exceeded. Please refer to the 'Phone Number Creation Limit' option "
    "under 'Edit Profile' for reference. "
)


def test_the_limit_is_never_passed(folder: Path) -> None:
    """Of a hundred attempts at twenty-five places exactly twenty-five succeed."""
    account = limited_account(folder)

    def fill(client: Client, number: int) -> list[object]:
        mine = range(number, ATTEMPTS, CALLERS)
        return [create(client, f"Phone{each}", f"80412{each:05}") for each in mine]

    with ServerProcess(folder) as server:
        told = Counter(message for messages in race(server, fill, account) for message in messages)
        held = "select (select count(*) from phone_number), phone_numbers_used from account"
        stored = rows(server.store, held)
    assert told == {SAVED: LIMIT, LIMIT_REACHED: ATTEMPTS - LIMIT}
    assert stored == [(LIMIT, LIMIT)]


def test_one_of_all_who_race_for_a_name_gets_it(server: ServerProcess) -> None:
    """The same name, in other letter case for every second caller, with numbers of their own."""

    def claim(client: Client, number: int) -> object:
        return create(client, "Racer" if number % 2 else "RACER", f"80410000{number:02}")

    assert Counter(race(server, claim)) == {SAVED: 1, EXISTS: CALLERS - 1}


def test_one_of_all_who_race_for_a_number_gets_it(server: ServerProcess) -> None:
    """The same number, in another spelling for every second caller, with names of their own."""

    def claim(client: Client, number: int) -> object:
        spelling = "8041111111" if number % 2 else "+918041111111"
        return create(client, f"Number{number}", spelling)

    assert Counter(race(server, claim)) == {SAVED: 1, EXISTS: CALLERS - 1}


def test_one_of_all_who_edit_onto_a_name_gets_it(server: ServerProcess) -> None:
    """Every caller renames a record of its own, all to the same name."""
    records = [
        {"phoneName": f"Before{n}", "phoneNumber": f"80412222{n:02}"} for n in range(CALLERS)
    ]
    race(server, lambda client, number: client.phone("create", **records[number]))

    def rename(client: Client, number: int) -> object:
        return client.phone("edit", **records[number], PhoneNameNew="After").message

    assert Counter(race(server, rename)) == {SAVED: 1, EXISTS: CALLERS - 1}


def test_one_of_all_who_race_for_a_group_name_gets_it(server: ServerProcess) -> None:
    """All others are told that it exists already, and none of their numbers is stored."""

    def claim(client: Client, number: int) -> str:
        numbers = f"98110000{number:02}"
        answer = client.block("POST", name="Raced", description="One", blockNumbers=numbers)
        return str(answer.content.get("errors", answer.message))

    told = Counter(race(server, claim))
    stored = rows(server.store, "select * from blocked_number where pattern like '+919811%'")
    assert told == {"created": 1, "{'name': 'Name (Raced) already exists'}": CALLERS - 1}
    assert len(stored) == 1


def test_groups_made_at_once_have_distinct_ids(server: ServerProcess) -> None:
    """An id names one group, whoever made one at the same moment."""

    def make(client: Client, number: int) -> list[int]:
        return [make_group(client, f"Distinct {number} {each}") for each in range(10)]

    ids = [group_id for made in race(server, make) for group_id in made]
    assert len(set(ids)) == len(ids) == CALLERS * 10


def test_a_number_is_new_once_however_many_put_it_into_a_group(server: ServerProcess) -> None:
    """Every caller puts the same numbers into a group of its own: `new` adds up to one each."""
    numbers = [f"98120000{each:02}" for each in range(50)]
    ids = race(server, lambda client, number: make_group(client, f"New {number}"))

    def put(client: Client, number: int) -> tuple[int, int]:
        output = client.block("PUT", id=ids[number], blockNumbers=numbers).output
        return output["new"], output["inserted"]

    told = race(server, put)
    assert sum(new for new, _ in told) == len(numbers)
    assert [inserted for _, inserted in told] == [len(numbers)] * CALLERS


def test_ten_of_all_who_race_for_tokens_get_one(server: ServerProcess) -> None:
    """The rest are told so, and of the ten tokens the newest alone lets in."""

    def ask(client: Client, _: int) -> list[Answer]:
        return [client.newer("POST", NEW_TOKEN) for _ in range(3)]

    answers = [answer for told in race(server, ask) for answer in told]
    assert Counter(answer.status for answer in answers) == {200: 10, 429: 3 * CALLERS - 10}
    refused = {"status": "error", "message": "Max limit exceeded"}
    assert all(answer.content == refused for answer in answers if answer.status == 429)
    stored = rows(server.store, "select count(*) from token")
    assert stored == [(10,)]


def limited_account(folder: Path) -> Account:
    """Make an account that may have few phone numbers."""
    limit = ("--phone-number-limit", str(LIMIT))
    printed = ringfence(folder, "account", "create", "limited", *limit)
    facts = dict(line.split(None, 1) for line in printed.splitlines())
    return Account("limited", facts["apiKey"])


def create(client: Client, name: str, number: str) -> object:
    """Create a phone number and return the message."""
    return client.phone("create", phoneName=name, phoneNumber=number).message


def make_group(client: Client, name: str) -> int:
    """Create a group with one number of no interest and return its id."""
    answer = client.block("POST", name=name, description="Parallel", blockNumbers="9899999999")
    group_id = answer.output["lastInsertId"]
    assert isinstance(group_id, int)
    return group_id
