"""Block number groups on the newer door: three paths of /ca_apis/ (contract rows C5 to C7)."""

from ringfence.cloudagent.block_fields import has_group_id, read_group_id, require
from ringfence.cloudagent.block_numbers import create, delete, update, write_block_error
from ringfence.cloudagent.context import Context
from ringfence.cloudagent.gateway import Gateway, read_plain_text
from ringfence.cloudagent.wire import Fields
from ringfence.core.block_groups import find_block_group
from ringfence.model.accounts import Caller


def create_block_number() -> Gateway:
    """Return the family of the path that makes a group."""
    return Gateway({"POST": create}, write_block_error)


def update_block_numbers() -> Gateway:
    """Return the family of the paths that put numbers into a group."""
    return Gateway({"PUT": _update}, write_block_error)


def delete_block_number() -> Gateway:
    """Return the family of the path that takes numbers out of every group, or of one."""
    return Gateway({"DELETE": _delete}, write_block_error)


def _update(context: Context, caller: Caller, fields: Fields) -> object:
    require(fields, "groupName", "blockNumbers")
    name = read_plain_text(fields["groupName"])
    group = find_block_group(context.store, caller.account, name)
    return update(context, caller, fields, group.block_group_id)


def _delete(context: Context, caller: Caller, fields: Fields) -> object:
    require(fields, "blockNumbers")
    group_id = read_group_id(fields) if has_group_id(fields) else None
    return delete(context, caller, fields, group_id)
