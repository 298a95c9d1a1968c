"""What each kind of row needs of an import: to be looked at, put into the store, taken back."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from ringfence.core.imports.blocked_chunks import (
    preview_blocked_numbers,
    put_blocked_numbers,
    take_blocked_numbers_back,
)
from ringfence.core.imports.outcomes import Step
from ringfence.core.imports.phone_chunks import (
    preview_phone_numbers,
    put_phone_numbers,
    take_phone_numbers_back,
)
from ringfence.model.accounts import Account
from ringfence.model.changes import Origin
from ringfence.model.imports import Findings, Kind, StagedChunk
from ringfence.store import Transaction
from ringfence.store.import_rows import BatchSource


class Verbs(NamedTuple):
    """What can be done with a chunk. Whoever puts it or takes it back holds the account's lock."""

    preview: Callable[[Transaction, Account, StagedChunk, Findings, datetime], Step]
    put: Callable[[Transaction, Account, StagedChunk, BatchSource, Origin], Step]
    take_back: Callable[[Transaction, Account, int, Origin], None]


VERBS: Mapping[Kind, Verbs] = {
    Kind.BLOCKED_NUMBERS: Verbs(
        preview_blocked_numbers, put_blocked_numbers, take_blocked_numbers_back
    ),
    Kind.PHONE_NUMBERS: Verbs(preview_phone_numbers, put_phone_numbers, take_phone_numbers_back),
}
