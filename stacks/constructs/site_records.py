"""The names by which a site is reached; its addresses do not change, and nothing here moves traffic."""

from typing import Final

from aws_cdk import aws_route53 as route53
from constructs import Construct

from failover.topology import Names, SiteNames

TTL_SECONDS: Final = 60


class SiteRecords(Construct):
    """The entrance, the agent, and the server of each database that the site holds."""

    def __init__(self, scope: Construct, id: str, *, names: Names, site: str) -> None:
        super().__init__(scope, id)
        there = names.topology.site(site)
        addresses = list(there.addresses) if there else []
        held = [each.name for each in names.topology.databases if site in each.regions]
        wanted = {
            "Origin": names.origin(site),
            "Agent": SiteNames(names.topology).agent(site),
            **{f"Database-{name}": names.database_address(name, site) for name in held},
        }
        for key, name in wanted.items():
            route53.CfnRecordSet(
                self,
                key,
                hosted_zone_name=f"{names.topology.domain}.",
                name=f"{name}.",
                type="A",
                ttl=str(TTL_SECONDS),
                resource_records=addresses,
            )
