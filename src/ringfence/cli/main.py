"""The `ringfence` command: its table of contents, and how it fails."""

import errno
import logging
import sys
import traceback
from typing import Annotated

import typer

from ringfence import __version__
from ringfence.cli import accounts, agent_blocks, database, imports, keys, skills
from ringfence.cli.check import check
from ringfence.cli.export import export
from ringfence.cli.replay import replay
from ringfence.cli.scrub import scrub
from ringfence.cli.serve import serve
from ringfence.cli.settings import config
from ringfence.errors import InputCode, InvalidInput, Problem, RingfenceError

TROUBLE = 2
"""The exit code of every failure. 1 is kept for an answer: `check` says "not blocked" by it."""

INTERRUPTED = 130

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

_MANUAL = """Decide, for every call of a contact centre: may it ring, and where.

Ringfence answers the CloudAgent number APIs (PhoneManageV2.php and blockNumberGroupV2.php) to the
letter, from a store on your own machine.

To start: `ringfence serve`. It makes a store and a demo account, and prints two curl lines to try.
For your own callers: `ringfence account create NAME`, then `ringfence key import NAME` to let
them keep the key they have.

Every command but `db copy` takes `--database URL`, or `RINGFENCE_DATABASE`. Exit codes: 0 done; 2
trouble, said on standard error; 130 interrupted. Only `check` uses 1, for "not blocked".
"""

app = typer.Typer(
    help=_MANUAL,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(serve)
app.command()(check)
app.command()(export)
app.command()(scrub)
app.command()(replay)
app.add_typer(accounts.app, name="account")
app.add_typer(keys.app, name="key")
app.add_typer(skills.app, name="skill")
app.add_typer(imports.app, name="import")
app.add_typer(agent_blocks.app, name="agent-blocks")
app.add_typer(database.app, name="db")
app.command()(config)


def _print_version(*, wanted: bool) -> None:
    if wanted:
        print(f"ringfence {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=lambda wanted: _print_version(wanted=wanted),
            is_eager=True,
            help="Print the version and exit.",
        ),
    ] = False,
) -> None:
    """Take the options that stand before a command."""


def main() -> None:
    """Run the command line and exit with its code."""
    sys.exit(_run())


def _check_arguments() -> None:
    """Raise InvalidInput for what Python could not decode: it puts surrogates in its place."""
    if any("\ud800" <= sign <= "\udfff" for sign in "".join(sys.argv)):
        rule = "an argument is no text in the encoding of this system"
        raise InvalidInput(Problem(InputCode.SETTING_INVALID, "arguments", rule))


def _print_failure(error: Exception) -> None:
    """Tell what nobody expected in full, but a full disk in one line."""
    if isinstance(error, OSError) and error.errno in _FULL:
        print(f"ringfence: {error.strerror}", file=sys.stderr)
    else:
        traceback.print_exc()


def _run() -> int:
    # Where nobody set up logs, as `serve` does, Python would print them among a command's lines.
    for name in ("ringfence", "psycopg"):
        logging.getLogger(name).addHandler(logging.NullHandler())
    try:
        _check_arguments()
        code = app(standalone_mode=False)
    except typer.TyperException as error:
        error.show()  # type: ignore[attr-defined]  # all that the parser raises have it
        return TROUBLE
    except RingfenceError as error:
        print(f"ringfence: {error}", file=sys.stderr)
        return TROUBLE
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except SystemExit as exit_:
        # Typer leaves with 1 where the reader of its output has gone; 1 is not ours to give.
        return TROUBLE if exit_.code == 1 else int(exit_.code or 0)
    except Exception as error:  # noqa: BLE001  whatever it is, it must not look like an answer
        _print_failure(error)
        return TROUBLE
    return code if isinstance(code, int) else 0
