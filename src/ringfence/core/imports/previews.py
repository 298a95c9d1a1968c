"""From a file to an import that can be applied: the whole way, in one verb."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO

from ringfence.core.imports.reading_process import read_aside
from ringfence.core.imports.staging import stage_import
from ringfence.model.accounts import Account
from ringfence.model.changes import Origin
from ringfence.model.imports import Import, Kind, ReadingTerms, Target
from ringfence.store import Store, Transaction, block_groups, skills


def preview_import(
    store: Store,
    account: Account,
    target: Target,
    source: BinaryIO,
    origin: Origin,
    clock: Callable[[], datetime],
) -> Import:
    """Read a file, which has a descriptor, and return the import with what its rows would do.

    Nothing but the import itself is changed. `clock` tells how late it is while the file is read,
    which may take long. Raises BlockGroupNotFound, and InvalidInput where the
    file as a whole cannot be read; of single rows the import says what is wrong.
    """
    terms = reading_terms(store, account, target, origin.at)
    with closing(read_aside(source, terms)) as parts:
        return stage_import(store, account, target, parts, origin, clock)


def reading_terms(store: Store, account: Account, target: Target, at: datetime) -> ReadingTerms:
    """Return what the rows of a file are read by. Raises BlockGroupNotFound."""
    terms = ReadingTerms(target, account.region, account.timezone, at)

    def look_up(tx: Transaction) -> ReadingTerms:
        if target.kind is Kind.PHONE_NUMBERS:
            return replace(terms, skills=frozenset(skills.select_ids(tx, account.account_id)))
        if target.block_group_id is None:
            return replace(terms, groups=block_groups.select_group_ids(tx, account.account_id))
        block_groups.select_block_group(tx, account.account_id, target.block_group_id)
        return terms

    return store.read(look_up)
