"""The paths of the wire."""

from starlette.routing import Route

from ringfence.cloudagent.block_numbers import BlockNumbers
from ringfence.cloudagent.context import Context
from ringfence.cloudagent.endpoint import Endpoint
from ringfence.cloudagent.phone_manage import PhoneManage


def routes(context: Context) -> list[Route]:
    """Return a route for every path that the wire answers; each judges the method itself."""
    return [
        Route("/CAServices/PhoneManageV2.php", Endpoint(context, PhoneManage())),
        Route("/CAServicesV3/blockNumberGroupV2.php", Endpoint(context, BlockNumbers())),
    ]
