"""Scrubbing in a process of its own, for a server has calls to answer meanwhile.

Run as a module it is that process. It reads the store itself, and writes its report, or why there
is none, as one line of JSON.
"""

import gc
import json
import os
import sys
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from typing import Any, BinaryIO

from ringfence.core.accounts import get_account
from ringfence.core.child_processes import child_process, read_terms_given, refusal, refused
from ringfence.core.scrubbing.calling_lists import ScrubOptions, scrub
from ringfence.errors import InvalidInput, Unavailable
from ringfence.model.accounts import Account
from ringfence.model.scrubs import GroupDrops, ScrubReport
from ringfence.store import open_store

LONGEST_READ_S = 600.0
"""How long PostgreSQL may take to tell what an account blocks."""


def scrub_aside(
    url: str,
    account: Account,
    source: BinaryIO,
    target: BinaryIO,
    options: ScrubOptions,
    *,
    at: datetime,
) -> ScrubReport:
    """Do what `scrub` does for the store at `url`; both files have descriptors.

    Raises InvalidInput as that does, Unavailable where the store cannot be read, RuntimeError where
    the process fails.
    """
    terms = {
        "url": url,
        "user_name": account.user_name,
        "column": options.column,
        "size": options.size,
        "at": at.isoformat(),
        "target": target.fileno(),
    }
    given = json.dumps(terms)
    with child_process(__spec__.name, given, source, [target.fileno()]) as process:
        assert process.stdout is not None, "a child process can be read from"
        line = process.stdout.readline()
        status = process.wait()
    if status != 0 or not line:
        raise RuntimeError(f"the process that scrubbed a file ended with status {status}")
    return _read(json.loads(line))


def main() -> None:
    """Scrub standard input by the terms given, and write the report."""
    terms = json.loads(read_terms_given())
    # Rows make no cycles, and looking for some takes as long as reading.
    gc.disable()
    print(json.dumps(_scrubbed(terms)), flush=True)


def _scrubbed(terms: dict[str, Any]) -> dict[str, Any]:
    options = ScrubOptions(terms["column"], terms["size"])
    try:
        store = open_store(terms["url"], postgres_timeout_s=LONGEST_READ_S, postgres_connections=1)
        with closing(store), os.fdopen(terms["target"], "wb") as target:
            account = get_account(store, terms["user_name"])
            at = datetime.fromisoformat(terms["at"])
            report = scrub(store, account, sys.stdin.buffer, target, options, at=at)
    except InvalidInput as error:
        return {"refusal": refusal(error)}
    except Unavailable as error:
        return {"unavailable": str(error)}
    return {"report": asdict(report)}


def _read(told: dict[str, Any]) -> ScrubReport:
    if "refusal" in told:
        raise refused(told["refusal"])
    if "unavailable" in told:
        raise Unavailable(reason=told["unavailable"])
    report = told["report"]
    groups = tuple(GroupDrops(**each) for each in report.pop("groups"))
    return ScrubReport(**report, groups=groups)


if __name__ == "__main__":
    main()
