"""The paths of the wire."""

from collections.abc import Mapping

from starlette.routing import Route

from ringfence.cloudagent.block_numbers import BLOCK_NUMBERS, BlockNumbers
from ringfence.cloudagent.block_numbers_json import (
    create_block_number,
    delete_block_number,
    update_block_numbers,
)
from ringfence.cloudagent.context import Context
from ringfence.cloudagent.endpoint import Endpoint, Family
from ringfence.cloudagent.older_paths import OlderPath
from ringfence.cloudagent.phone_manage import PHONE_MANAGE, PhoneManage
from ringfence.cloudagent.phone_manage_json import phone_manage_json
from ringfence.cloudagent.tokens import GenerateToken


def routes(context: Context) -> list[Route]:
    """Return a route for every path that the wire answers; each judges the method itself."""
    return [
        _older_route(context, PHONE_MANAGE, PhoneManage()),
        _older_route(context, BLOCK_NUMBERS, BlockNumbers()),
        *(Route(path, Endpoint(context, family)) for path, family in _families().items()),
    ]


def _older_route(context: Context, older: OlderPath, family: Family) -> Route:
    return Route(older.path, Endpoint(context, family, older))


def _families() -> Mapping[str, Family]:
    return {
        "/ca_apis/PhoneManageV2": phone_manage_json(),
        "/ca_apis/createBlockNumber": create_block_number(),
        "/ca_apis/updateBlockNumbers": update_block_numbers(),
        "/ca_apis/updateBlockNumber": update_block_numbers(),
        "/ca_apis/deleteBlockNumber": delete_block_number(),
        "/ca_apis/CAToken/generateToken": GenerateToken(),
    }
