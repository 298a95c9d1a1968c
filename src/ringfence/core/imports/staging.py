"""Keeping the rows of a file until they are applied, and telling what they would do."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from ringfence.core.imports.kinds import VERBS
from ringfence.core.imports.outcomes import Step
from ringfence.errors import ImportNotFound, RingfenceError
from ringfence.model.accounts import Account
from ringfence.model.changes import Origin
from ringfence.model.imports import (
    FailedRows,
    Findings,
    Import,
    ImportState,
    Part,
    Position,
    ReadSummary,
    RowOutcome,
    StagedChunk,
    Target,
    added,
    new_import_id,
)
from ringfence.store import Store, Transaction, import_chunks, imports

BATCH = 8
"""How many parts of a file are looked at, and kept, at once."""


def stage_import(
    store: Store,
    account: Account,
    target: Target,
    parts: Iterable[Part],
    origin: Origin,
    clock: Callable[[], datetime] | None = None,
) -> Import:
    """Keep what reading a file yields, and return the import with its preview.

    `clock` tells how late it is while that goes on; without it, no time passes.
    Nothing but the import itself is changed. What `parts` raises comes out, and then nothing is
    kept: what is there by then, here as after a crash, is cleared away later (`tidy`).
    """
    staging = _Staging(store, account, target, origin, clock or (lambda: origin.at))
    try:
        for part in parts:
            staging.take(part)
        return staging.finish()
    except BaseException:
        with suppress(RingfenceError):
            staging.give_up()
        raise


class _Staging:
    """One file on its way into the store."""

    def __init__(
        self,
        store: Store,
        account: Account,
        target: Target,
        origin: Origin,
        clock: Callable[[], datetime],
    ) -> None:
        self._store, self._account, self._origin, self._clock = store, account, origin, clock
        self._import = Import(
            *(new_import_id(origin.at), target, ImportState.READING),
            *(origin.door, origin.key_id, origin.at),
        )
        self._chunks: list[StagedChunk] = []
        self._failures: list[str] = []
        self._position = Position()
        self._preview = Findings()
        self._summary = ReadSummary(0, {}, {})
        self._parts = self._failed = 0
        self._is_there = False

    def take(self, part: Part) -> None:
        """Take the next part of the file."""
        if isinstance(part, ReadSummary):
            self._summary = part
        elif isinstance(part, FailedRows):
            self._failures.append(part.text)
        else:
            self._chunks.append(part)
        if len(self._chunks) + len(self._failures) >= BATCH:
            self._keep()

    def finish(self) -> Import:
        """Keep what is left and return the import, to be applied or not."""
        self._keep()
        found = self._summary.findings
        failed = [found.counts.get(each, 0) for each in (RowOutcome.INVALID, RowOutcome.PROTECTED)]
        read = replace(
            self._import,
            state=ImportState.PREVIEWED,
            rows=self._summary.rows,
            found=found,
            preview=added(found, self._preview),
            failed=sum(failed) + self._failed,
            position=self._position,
        )
        self._store.write(lambda tx: self._update(tx, read))
        return read

    def give_up(self) -> None:
        """Let what is there already be cleared away at the next opportunity."""
        account_id, import_id = self._account.account_id, self._import.import_id
        if self._is_there:
            self._store.write(lambda tx: imports.give_reading_up(tx, account_id, import_id))

    def _update(self, tx: Transaction, told: Import) -> None:
        self._touch(tx)
        imports.update_import(tx, self._account.account_id, told, self._clock())

    def _keep(self) -> None:
        steps, self._preview = self._store.read(self._preview_chunks)
        self._failed += sum(step.failed for step in steps)
        self._store.write(lambda tx: self._insert(tx, steps))
        self._is_there = True
        kept = self._position
        self._position = replace(
            kept,
            chunks=kept.chunks + len(self._chunks),
            staged=kept.staged + sum(chunk.count for chunk in self._chunks),
        )
        self._parts += len(self._failures)
        self._chunks, self._failures = [], []

    def _preview_chunks(self, tx: Transaction) -> tuple[Sequence[Step], Findings]:
        preview, known = VERBS[self._import.target.kind].preview, self._preview
        steps = []
        for chunk in self._chunks:
            step = preview(tx, self._account, chunk, known, self._origin.at)
            known = added(known, step.findings)
            steps.append(step)
        return steps, known

    def _touch(self, tx: Transaction) -> None:
        """Make sure that nobody has begun to clear the import away, and that nobody does."""
        account_id, import_id = self._account.account_id, self._import.import_id
        if not imports.touch_import(tx, account_id, import_id, self._clock()):
            raise ImportNotFound

    def _insert(self, tx: Transaction, steps: Sequence[Step]) -> None:
        account_id, import_id = self._account.account_id, self._import.import_id
        if not self._is_there:
            imports.insert_import(tx, account_id, self._import)
        self._touch(tx)
        looked_at = zip(self._chunks, steps, strict=True)
        for number, (chunk, step) in enumerate(looked_at, self._position.chunks + 1):
            import_chunks.insert_chunk(tx, account_id, import_id, number, chunk)
            if step.failed:
                told = step.failures, step.failed
                import_chunks.set_failures(tx, account_id, import_id, number, *told)
        for number, content in enumerate(self._failures, self._parts + 1):
            import_chunks.insert_failures(tx, account_id, import_id, number, content)
