"""Applying an import and taking it back, a chunk at a time."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ringfence.core.imports.kinds import VERBS
from ringfence.errors import ImportNotApplicable, ImportNotFound
from ringfence.model.accounts import Account
from ringfence.model.changes import Origin
from ringfence.model.imports import Findings, Import, ImportState, added
from ringfence.store import Store, Transaction, accounts, import_chunks, imports
from ringfence.store.import_rows import BatchSource

LEFT_AFTER = timedelta(seconds=10)
"""How long after its last step an import is held to be left by whoever made it."""


def apply_import(store: Store, account: Account, import_id: str, origin: Origin) -> Import:
    """Let the rows of an import go into the store, which `step_import` then does.

    One that is being applied, or was, stays as it is. Raises ImportNotFound, and
    ImportNotApplicable where it was taken back.
    """

    def begin(found: Import) -> Import:
        if found.state in (ImportState.UNDOING, ImportState.UNDONE):
            raise ImportNotApplicable(state=found.state.value)
        if found.state is not ImportState.PREVIEWED:
            return found
        applied = Findings(found.found.counts)
        return _settled(replace(found, state=ImportState.APPLYING, applied=applied))

    return _set_out(store, account, import_id, origin, begin)


def undo_import(store: Store, account: Account, import_id: str, origin: Origin) -> Import:
    """Let the store be given back what it held before an import, which `step_import` then does.

    From any state: one that is being applied stops. What was changed since, by whomever, stays as
    it is. Raises ImportNotFound.
    """

    def begin(found: Import) -> Import:
        if found.state in (ImportState.UNDOING, ImportState.UNDONE):
            return found
        position = replace(found.position, undo_from=found.position.done)
        return _settled(replace(found, state=ImportState.UNDOING, position=position))

    return _set_out(store, account, import_id, origin, begin)


def step_import(store: Store, account: Account, import_id: str, at: datetime) -> Import:
    """Apply one more chunk of an import, or take one back; return how far it is then.

    Of one that is not under way nothing is done. Raises ImportNotFound.
    """

    def step(tx: Transaction) -> Import:
        found = _lock(tx, account, import_id)
        if not found.is_under_way:
            return found
        # As it is now: its region says which numbers are emergency numbers.
        owner = accounts.select_account(tx, account.user_name)
        origin = Origin(found.door, found.key_id, at)
        move = _put_next if found.state is ImportState.APPLYING else _take_last_back
        after = _settled(move(tx, owner, found, origin))
        imports.update_import(tx, account.account_id, after, at)
        return after

    return store.write(step)


def left_imports(store: Store, at: datetime, limit: int) -> Sequence[tuple[Account, str]]:
    """Return imports that are under way but were left, by a crash or a command that was stopped.

    Each is the account and the id; at most `limit`, the oldest first.
    """
    return store.read(lambda tx: imports.select_left_imports(tx, at - LEFT_AFTER, limit))


def _set_out(
    store: Store,
    account: Account,
    import_id: str,
    origin: Origin,
    begin: Callable[[Import], Import],
) -> Import:
    def set_out(tx: Transaction) -> Import:
        found = _lock(tx, account, import_id)
        begun = begin(found)
        if begun is found:
            return found
        begun = replace(begun, door=origin.door, key_id=origin.key_id)
        imports.update_import(tx, account.account_id, begun, origin.at)
        return begun

    return store.write(set_out)


def _lock(tx: Transaction, account: Account, import_id: str) -> Import:
    tx.lock_account(account.account_id)
    found = imports.select_import(tx, account.account_id, import_id)
    if found is None or found.state is ImportState.READING:
        raise ImportNotFound
    return found


def _settled(found: Import) -> Import:
    """Return an import, arrived where there is nothing left to do."""
    place = found.position
    if found.state is ImportState.APPLYING and place.chunks_done == place.chunks:
        return replace(found, state=ImportState.APPLIED)
    if found.state is ImportState.UNDOING and place.chunks_done == 0:
        return replace(found, state=ImportState.UNDONE)
    return found


def _put_next(tx: Transaction, account: Account, found: Import, origin: Origin) -> Import:
    account_id, place = account.account_id, found.position
    number = place.chunks_done + 1
    chunk = import_chunks.select_chunk(tx, account_id, found.import_id, number)
    source = BatchSource(found.import_id, number)
    step = VERBS[found.target.kind].put(tx, account, chunk.staged, source, origin)
    import_chunks.close_chunk(tx, account_id, found.import_id, number, step.change_id)
    if (step.failures, chunk.failed) != ("", 0):
        # In place of what was found when it was looked at.
        told = step.failures, step.failed
        import_chunks.set_failures(tx, account_id, found.import_id, number, *told)
    done = replace(place, chunks_done=number, done=place.done + chunk.staged.count)
    return replace(
        found,
        applied=added(found.applied, step.findings),
        failed=found.failed - chunk.failed + step.failed,
        position=done,
    )


def _take_last_back(tx: Transaction, account: Account, found: Import, origin: Origin) -> Import:
    account_id, place = account.account_id, found.position
    number = place.chunks_done
    chunk = import_chunks.select_chunk(tx, account_id, found.import_id, number)
    if chunk.change_id is not None:
        VERBS[found.target.kind].take_back(tx, account, chunk.change_id, origin)
    import_chunks.take_chunk_back(tx, account_id, found.import_id, number)
    done = replace(place, chunks_done=number - 1, done=place.done - chunk.staged.count)
    return replace(found, position=done)
