"""Accounts in the database, and the user names that lead to them."""

from datetime import datetime
from typing import Literal

from ringfence.errors import AccountExists, AccountNotFound
from ringfence.model.accounts import Account, AccountDraft, ApiAuthentication
from ringfence.model.sip_answers import SipAnswer
from ringfence.store.database import Clash, Row, Transaction
from ringfence.store.times import to_ms

ACCOUNT_COLUMNS = (
    "account.account_id, account.user_name, account.region, account.timezone, "
    "account.phone_number_limit, account.phone_numbers_used, account.api_authentication, "
    "account.answer_code, account.answer_phrase, account.activity_days, account.activity_hashed, "
    "account.agent_group_id, account.agent_hours"
)
Counter = Literal[
    "last_api_key_id",
    "last_skill_id",
    "last_block_group_id",
    "last_batch_id",
    "last_token_id",
    "last_allowed_number_id",
    "last_agent_block_id",
]


def insert_account(tx: Transaction, draft: AccountDraft, at: datetime) -> Account:
    """Store a new account. Raises AccountExists."""
    tx.lock_accounts()
    row = tx.one("select coalesce(max(account_id), 0) + 1 from account")
    account_id = row[0] if row else 1
    settings = (draft.region, draft.timezone, draft.phone_number_limit)
    try:
        tx.run("insert into login values (?, ?)", (draft.user_name, account_id))
        tx.run(
            "insert into account "
            "(account_id, user_name, region, timezone, phone_number_limit, api_authentication, "
            "created_at) values (?, ?, ?, ?, ?, ?, ?)",
            (account_id, draft.user_name, *settings, draft.api_authentication.value, to_ms(at)),
        )
    except Clash as clash:
        raise AccountExists(user_name=draft.user_name) from clash
    return select_account(tx, draft.user_name)


def select_account(tx: Transaction, user_name: str) -> Account:
    """Return the account of this user name. Raises AccountNotFound."""
    row = tx.one(
        f"select {ACCOUNT_COLUMNS} from login join account using (account_id) "
        "where login.user_name = ?",
        (user_name,),
    )
    if row is None:
        raise AccountNotFound(user_name=user_name)
    return read_account(row)


def select_accounts(tx: Transaction) -> list[Account]:
    """Return every account, by user name."""
    rows = tx.all(f"select {ACCOUNT_COLUMNS} from account order by user_name")
    return [read_account(row) for row in rows]


def update_account(tx: Transaction, account: Account) -> None:
    """Store the settings of `account`."""
    tx.run(
        "update account set region = ?, timezone = ?, phone_number_limit = ?, "
        "api_authentication = ?, answer_code = ?, answer_phrase = ?, activity_days = ?, "
        "activity_hashed = ?, agent_group_id = ?, agent_hours = ? where account_id = ?",
        (
            *(account.region, account.timezone, account.phone_number_limit),
            *(account.api_authentication.value, account.answer.code, account.answer.own_phrase),
            *(account.activity_days, int(account.activity_hashed)),
            *(account.agent_group_id, account.agent_hours),
            account.account_id,
        ),
    )


def next_id(tx: Transaction, account_id: int, counter: Counter) -> int:
    """Return an id that this account never used before for this kind of thing."""
    row = tx.one(
        f"update account set {counter} = {counter} + 1 where account_id = ? returning {counter}",
        (account_id,),
    )
    assert row is not None, f"account {account_id} is gone"
    return int(row[0])


def read_account(row: Row) -> Account:
    """Make an account of a row that begins with ACCOUNT_COLUMNS."""
    settings = (ApiAuthentication(row[6]), SipAnswer(row[7], row[8]), row[9], bool(row[10]))
    return Account(*(*row[:6], *settings, *row[11:13]))
