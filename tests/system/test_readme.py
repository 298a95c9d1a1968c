"""The documents' commands, run as a stranger would paste them; what they show is printed."""

import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from ringfence.api.application import routes
from ringfence.api.problems import KINDS, codes_of
from ringfence.model.accounts import Role
from tests.readme_console import README, ROOT, Command, console_commands, shell_blocks

API_GUIDE = ROOT / "docs" / "api.md"
DEADLINE_S = 60


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of what is in the repository, with its virtual environment in place.

    The copy keeps the times of the files, so that make finds nothing to install.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    for name in filter(lambda name: (ROOT / name).is_file(), listed.stdout.splitlines()):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, tmp_path / name)
    (tmp_path / ".venv").symlink_to(Path(ROOT / ".venv"))
    return tmp_path


@pytest.fixture
def environment() -> dict[str, str]:
    """Return an environment in which `make serve` takes a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # What `make test ARGS=...` was given is in the environment too, and is not for `make serve`.
    clean = {
        name: value for name, value in os.environ.items() if "MAKE" not in name and name != "ARGS"
    }
    return clean | {"RINGFENCE_PORT": str(port)}


@pytest.fixture
def served(checkout: Path, environment: dict[str, str]) -> Iterator[list[str]]:
    """Run the README's `make serve`; give what it printed, and stop it afterwards."""
    with subprocess.Popen(
        ["bash", "-c", shell_blocks()[0]],
        cwd=checkout,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as server:
        assert server.stdout is not None
        try:
            yield [server.stdout.readline() for _ in range(11)]
        finally:
            os.killpg(server.pid, signal.SIGTERM)


def test_it_starts_and_its_tour_prints_what_it_shows(
    served: list[str], checkout: Path, environment: dict[str, str]
) -> None:
    """Every command of the tour, pasted in order, prints what stands under it."""
    assert "listening" in served[0]
    shown = console_commands()

    printed = _paste(shown, checkout, environment)

    wrong = [(c.line, out) for c, out in zip(shown, printed, strict=True) if not c.matches(out)]
    assert wrong == []


def test_the_guide_to_the_api_prints_what_it_shows(
    served: list[str], checkout: Path, environment: dict[str, str]
) -> None:
    """Every command of docs/api.md, pasted in order, prints what stands under it."""
    assert "listening" in served[0]
    shown = console_commands(API_GUIDE)

    printed = _paste(shown, checkout, environment)

    wrong = [(c.line, out) for c, out in zip(shown, printed, strict=True) if not c.matches(out)]
    assert wrong == []


@pytest.mark.parametrize("document", [README, API_GUIDE], ids=lambda path: path.name)
def test_every_resource_is_shown_by_a_command(document: Path) -> None:
    """One that is new has to be shown, in the README and in the guide."""
    shown = "\n".join(command.line for command in console_commands(document))
    resources = {route.path.removeprefix("/v1/").split("/")[0] for route in routes()}
    assert {name for name in resources if f"/v1/{name}" not in shown} == set()
    assert "/v1/block-groups/1/numbers" in shown


def test_the_guide_says_who_may_do_what() -> None:
    """Its table is that of the routes."""
    rows = [
        f"| {method} `{route.path_format}` | "
        + " | ".join("yes" if role.value in roles_of(route) else "" for role in Role)
        + " |"
        for route in routes()
        for method in sorted(route.methods or ())
    ]
    guide = API_GUIDE.read_text("utf-8").splitlines()
    assert [line for line in guide if "` | yes |" in line] == rows


def test_the_guide_lists_the_problems() -> None:
    """Its table is that of the door."""
    rows = [
        f"| {kind.status.value} | `{name}` | {kind.title} "
        f"| {', '.join(f'`{code}`' for code in codes_of(name))} |"
        for name, kind in KINDS.items()
    ]
    guide = API_GUIDE.read_text("utf-8").splitlines()
    assert [line for line in guide if re.match(r"\| \d{3} \|", line)] == rows


def roles_of(route: APIRoute) -> list[str]:
    """Return the roles that may call a route."""
    roles: list[str] = (route.openapi_extra or {})["x-roles"]
    return roles


def test_its_banner_has_two_lines_that_succeed_as_pasted(
    served: list[str], checkout: Path, environment: dict[str, str]
) -> None:
    """What `make serve` prints is true: both curl lines succeed."""
    lines = [Command(line.strip()) for line in served if line.startswith("  curl ")]

    answers = _paste(lines, checkout, environment)

    assert [answer[:19] for answer in answers] == ['{"status":"success"'] * 2


def test_its_second_command_is_what_ci_runs() -> None:
    """The README's `make test` is the command by which these tests run in CI."""
    command = shell_blocks()[1].strip()

    assert command == "make test"
    assert command in (ROOT / ".ci" / "run").read_text().splitlines()


def _paste(commands: list[Command], folder: Path, environment: dict[str, str]) -> list[str]:
    """Run the lines in one shell, as one who pastes them does; return what each prints."""
    port = environment["RINGFENCE_PORT"]
    mark = "----8<----"
    script = "".join(f"{command.line}\necho; echo '{mark}'\n" for command in commands)
    done = subprocess.run(
        ["bash"],
        input=script.replace("127.0.0.1:8080", f"127.0.0.1:{port}"),
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        text=True,
        timeout=DEADLINE_S,
    )
    return done.stdout.split(f"{mark}\n")[:-1]
