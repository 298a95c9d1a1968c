"""Reading imports: which there are, how far each is, and which of its rows failed."""

from collections.abc import Iterator
from functools import partial

from ringfence.core.imports.row_problems import failed_header
from ringfence.errors import ImportNotFound
from ringfence.model.accounts import Account
from ringfence.model.imports import Import, ImportState
from ringfence.store import Store, Transaction, import_chunks, imports


def get_import(store: Store, account: Account, import_id: str) -> Import:
    """Return an import. Raises ImportNotFound, also while its file is being read."""
    return store.read(lambda tx: _get(tx, account, import_id))


def list_imports(store: Store, account: Account, before: str | None, limit: int) -> list[Import]:
    """Return up to `limit` imports, the newest first, made before the one of the id `before`."""
    return store.read(lambda tx: imports.select_imports(tx, account.account_id, before, limit))


def failed_rows(store: Store, account: Account, import_id: str) -> Iterator[str]:
    """Yield the file of the rows that failed, as CSV, in parts. Raises ImportNotFound.

    Its first columns are those of an import, so it can be corrected and imported.
    """
    kind = get_import(store, account, import_id).target.kind
    yield failed_header(kind)
    after = 0
    while True:
        part = store.read(partial(_part, account, import_id, after))
        if part is None:
            return
        after, content = part
        yield content


def find_owner(store: Store, import_id: str) -> Account:
    """Return whose import it is: at the command line, its id alone names it.

    Raises ImportNotFound.
    """
    found = store.read(lambda tx: imports.select_account_of_import(tx, import_id))
    if found is None:
        raise ImportNotFound
    return found


def _part(account: Account, import_id: str, after: int, tx: Transaction) -> tuple[int, str] | None:
    return import_chunks.select_failures(tx, account.account_id, import_id, after)


def _get(tx: Transaction, account: Account, import_id: str) -> Import:
    found = imports.select_import(tx, account.account_id, import_id)
    if found is None or found.state is ImportState.READING:
        raise ImportNotFound
    return found
