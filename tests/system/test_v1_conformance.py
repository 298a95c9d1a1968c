"""What /v1 answers is what its OpenAPI document says, whatever is asked: thousands of requests.

schemathesis (https://schemathesis.io) makes them of the document itself, valid and invalid, at
the edges of every rule, at random, and in sequences by what earlier answers told.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.conftest import MakeFolder
from tests.system.server_process import ServerProcess, environment
from tests.system.v1_hooks import OWN_KEY, SEEDED

AT_LEAST = 1_500
"""Requests on each database: together more than 3,000."""

EXAMPLES = 20
"""How many requests at random there are for each operation."""

PATIENCE_S = 400
CHECKS = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance"),
    *("response_schema_conformance", "response_headers_conformance"),
)
COMMAND = Path(sys.executable).with_name("st")
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def served(make_folder: MakeFolder) -> Iterator[ServerProcess]:
    """Return a server whose account has some of everything."""
    with ServerProcess(make_folder(), auth_delay_max_s=0) as server:
        for n in range(1, SEEDED + 1):
            post(server, "/v1/skills", name=f"Skill{n}")
            number = f"+91804123000{n}"
            post(server, "/v1/phone-numbers", name=f"Desk{n}", number=number, skills=["General"])
            post(server, "/v1/block-groups", name=f"Group{n}", scope={"skills": [f"Skill{n}"]})
            numbers = ["+919812300001", "+91140*", "withheld"]
            post(server, f"/v1/block-groups/{n}/numbers", numbers=numbers)
            post(server, "/v1/allowed-numbers", number=f"+91981230005{n}")
            post(server, "/v1/keys", role="agent")
        yield server


def post(server: ServerProcess, target: str, **fields: object) -> dict[str, object]:
    """Make something."""
    headers = {
        "Authorization": f"Bearer {server.account.key}",
        "Content-Type": "application/json",
    }
    answer = server.request("POST", target, json.dumps(fields).encode(), headers)
    assert answer.status in {200, 201}, answer.whole()
    return answer.content


def run_schemathesis(server: ServerProcess, key: dict[str, object], folder: Path) -> str:
    """Ask whatever the document lets one ask, and return what is told of it."""
    command = [
        *(str(COMMAND), "run", f"{server.address.rstrip('/')}/v1/openapi.json"),
        *("--header", f"Authorization: Bearer {key['key']}"),
        *("--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing,stateful"),
        *("--max-examples", str(EXAMPLES), "--workers", "1"),
        "--generation-deterministic",
        *("--suppress-health-check", "all", "--warnings", "off", "--continue-on-failure"),
    ]
    own = {OWN_KEY: str(key["id"]), "SCHEMATHESIS_HOOKS": "tests.system.v1_hooks"}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**environment(), **own, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_answer_is_in_the_document(served: ServerProcess, tmp_path: Path) -> None:
    """None is a failure, and none has a status, a type or a content that is not written down."""
    key = post(served, "/v1/keys", role="admin")
    told = run_schemathesis(served, key, tmp_path)
    found = re.search(r"Test cases:\s+(\d+) generated, (\d+) passed", told)
    assert found is not None, told
    assert int(found[1]) >= AT_LEAST, told
    assert f"Operations:       {operations(served)} selected" in told
    assert "unexpected failure" not in served.logs()
    assert_it_was_let_in(served)


def operations(server: ServerProcess) -> int:
    """Return how many operations the document has."""
    paths = server.request("GET", "/v1/openapi.json").content["paths"]
    return sum(len(each) for each in paths.values())


def assert_it_was_let_in(server: ServerProcess) -> None:
    """Most requests got somewhere: refusals of the key alone would prove nothing."""
    lines = [json.loads(line) for line in server.logs().splitlines()]
    asked = [line for line in lines if str(line.get("path")).startswith("/v1/")]
    done = [line for line in asked if line["status"] in {200, 201, 204}]
    assert len(done) > AT_LEAST // 10
    assert sum(line["status"] == 401 for line in asked) < AT_LEAST // 10
    assert {line["method"] for line in done} >= {"GET", "POST", "PATCH", "DELETE"}
