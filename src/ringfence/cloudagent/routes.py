"""The paths of the wire."""

from collections.abc import Mapping

from starlette.routing import Route

from ringfence.cloudagent.block_numbers import BlockNumbers
from ringfence.cloudagent.block_numbers_json import (
    create_block_number,
    delete_block_number,
    update_block_numbers,
)
from ringfence.cloudagent.context import Context
from ringfence.cloudagent.endpoint import Endpoint, Family
from ringfence.cloudagent.phone_manage import PhoneManage
from ringfence.cloudagent.phone_manage_json import phone_manage_json
from ringfence.cloudagent.tokens import GenerateToken


def routes(context: Context) -> list[Route]:
    """Return a route for every path that the wire answers; each judges the method itself."""
    return [Route(path, Endpoint(context, family)) for path, family in _families().items()]


def _families() -> Mapping[str, Family]:
    return {
        "/CAServices/PhoneManageV2.php": PhoneManage(),
        "/CAServicesV3/blockNumberGroupV2.php": BlockNumbers(),
        "/ca_apis/PhoneManageV2": phone_manage_json(),
        "/ca_apis/createBlockNumber": create_block_number(),
        "/ca_apis/updateBlockNumbers": update_block_numbers(),
        "/ca_apis/updateBlockNumber": update_block_numbers(),
        "/ca_apis/deleteBlockNumber": delete_block_number(),
        "/ca_apis/CAToken/generateToken": GenerateToken(),
    }
