"""Phone numbers on the newer door: /ca_apis/PhoneManageV2 (contract rows C1 to C4)."""

import re

from ringfence.cloudagent.context import Context
from ringfence.cloudagent.gateway import Gateway, read_plain_text
from ringfence.cloudagent.phone_manage import (
    change_phone_number,
    no_such_action,
    read_ref,
    write_phone_error,
)
from ringfence.cloudagent.wire import Fields
from ringfence.core.phone_numbers import get_phone_number
from ringfence.model.accounts import Caller

_NUMBERS = ("phoneNumber", "phoneNumberNew")
_ENCODED_PLUS = re.compile("^%2b", re.IGNORECASE)


def phone_manage_json() -> Gateway:
    """Return the family of the path: POST changes a record, GET looks one up."""
    return Gateway({"GET": _get, "POST": _change}, write_phone_error)


def _change(context: Context, caller: Caller, fields: Fields) -> object:
    return change_phone_number(context, caller, _read_texts(fields))


def _get(context: Context, caller: Caller, fields: Fields) -> object:
    if fields.get("action") != "get":
        raise no_such_action()
    found = get_phone_number(context.store, caller.account, read_ref(_read_texts(fields)))
    return {"phoneNumber": found.number, "phoneName": found.name}


def _read_texts(fields: Fields) -> Fields:
    """Return every field as a text; numbers with the plus that callers escape as in a URL."""
    texts = {name: read_plain_text(value) for name, value in fields.items()}
    plain = {n: _ENCODED_PLUS.sub("+", texts[n]) for n in _NUMBERS if n in texts}
    return texts | plain
