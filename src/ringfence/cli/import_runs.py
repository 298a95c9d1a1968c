"""Making the steps of an import in this process, with a bar for whoever waits."""

import sys
from time import sleep

from ringfence.cli.progress import row_progress
from ringfence.clock import utc_now
from ringfence.core.imports.reports import get_import
from ringfence.core.imports.steps import step_import
from ringfence.model.accounts import Account
from ringfence.model.imports import Import, ImportState
from ringfence.store import Store

PAUSE_S = 0.002
"""How long a running server has the store to itself between two steps."""

_DOING = {ImportState.APPLYING: "applying", ImportState.UNDOING: "taking back"}


def run_import(store: Store, account: Account, import_id: str) -> Import:
    """Make all the steps that an import needs, and return it.

    Interrupted, it says how to go on: the import stays as far as it is.
    """
    found = get_import(store, account, import_id)
    try:
        with row_progress(_DOING.get(found.state, "done")) as on_progress:
            while found.is_under_way:
                found = step_import(store, account, import_id, utc_now())
                on_progress(*found.progress)
                sleep(PAUSE_S)
    except KeyboardInterrupt:
        _tell_how_to_go_on(import_id)
        raise
    return found


def _tell_how_to_go_on(import_id: str) -> None:
    print(
        "The import is as far as it got; a running server goes on with it.\n"
        f"Go on:      ringfence import apply {import_id}\n"
        f"Take back:  ringfence import undo {import_id}",
        file=sys.stderr,
    )
