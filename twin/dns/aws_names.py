"""The names that AWS owns, answered with the addresses of the twin."""

import re
from collections.abc import Callable
from typing import Final

from twin.dns.answers import OwnedByAws
from twin.network.addresses import AddressPlan

LOAD_BALANCER_TTL: Final = 60
"""Elastic Load Balancing's own records have 60 s (its user guide)."""
OTHER_TTL: Final = 5
"""RDS's and DynamoDB's endpoints have 5 s; for API Gateway's this is an assumption."""

_NAME: Final = re.compile(
    r"^(?:(?P<elb>[^.]+(?:\.[^.]+)?)\.(?P<elb_region>[a-z0-9-]+)\.elb"
    r"|(?P<nlb>[^.]+)\.elb\.(?P<nlb_region>[a-z0-9-]+)"
    r"|(?P<api>[^.]+)\.execute-api\.(?P<api_region>[a-z0-9-]+)"
    r"|dynamodb\.(?P<table_region>[a-z0-9-]+)"
    r"|(?P<rds>[^.]+)(?:\.[^.]+)?\.(?P<rds_region>[a-z0-9-]+)\.rds)\.amazonaws\.com\.$"
)

DatabaseAddress = Callable[[str, str], str | None]


class AwsNames:
    """Answers for ``amazonaws.com``.

    ``database_address`` gives the address of an RDS instance by its identifier and region, or ``None``.
    """

    def __init__(
        self, plan: AddressPlan, database_address: DatabaseAddress = lambda _identifier, _region: None
    ) -> None:
        self._plan = plan
        self._database_address = database_address

    def __call__(self, name: str) -> OwnedByAws | None:
        """Return what AWS answers for a canonical name; ``None`` when the name is not AWS's.

        A distribution is at CloudFront's edges, whatever its name.
        A name of a region that the twin does not have, or of no known form, has no address.
        """
        if name.endswith(".cloudfront.net."):
            return OwnedByAws((self._plan.edge,), LOAD_BALANCER_TTL)
        if not name.endswith(".amazonaws.com."):
            return None
        match = _NAME.match(name)
        parts = match.groupdict() if match else {}
        kind = next((key for key in ("elb", "nlb", "api", "table", "rds") if parts.get(f"{key}_region")), "")
        region = parts.get(f"{kind}_region") or ""
        if region not in self._plan.regions:
            return OwnedByAws((), OTHER_TTL)
        match kind:
            case "elb" | "nlb":
                return OwnedByAws((self._plan.load_balancer(region),), LOAD_BALANCER_TTL)
            case "api":
                return OwnedByAws((self._plan.api_gateway(region),), OTHER_TTL)
            case "table":
                return OwnedByAws((self._plan.neutral(region),), OTHER_TTL)
            case _:
                address = self._database_address(parts.get("rds") or "", region)
                return OwnedByAws((address,) if address else (), OTHER_TTL)
