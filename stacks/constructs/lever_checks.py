"""The health checks by which Route 53 sees that a region is evacuated."""

from typing import Final

from aws_cdk import aws_route53 as route53
from constructs import Construct

from failover.topology import Names

INTERVAL_SECONDS: Final = 10
FAILURE_THRESHOLD: Final = 1
CHECKER_REGIONS: Final = (
    "us-west-2",
    "ap-northeast-1",
    "sa-east-1",
    "ap-southeast-2",
    "us-west-1",
    "eu-west-1",
    "us-east-1",
    "ap-southeast-1",
)
"""Where Route 53 has checkers (API reference, ``HealthCheckRegion``), in our order of preference."""

LEAST_CHECKER_REGIONS: Final = 3
"""Route 53 takes no fewer; each more costs requests at every lever endpoint."""

CHECKERS_A_REGION: Final = 2
"""Of Route 53, each of which asks once in an interval; taken, since some 16 ask from all eight regions."""


class LeverCheck(Construct):
    """One region's lever: unhealthy when any control region's endpoint says that it is evacuated.

    A child looks for the region's token and is inverted: found is unhealthy; absent, late, refused or
    unreachable is healthy, so that a dead control region evacuates nobody.
    """

    def __init__(self, scope: Construct, id: str, *, names: Names, region: str) -> None:
        super().__init__(scope, id)
        checkers = checker_regions(names)
        self.children = [self._child(names, region, control, checkers) for control in names.topology.control_regions]
        self.check = route53.CfnHealthCheck(
            self,
            "Calculated",
            health_check_config=route53.CfnHealthCheck.HealthCheckConfigProperty(
                type="CALCULATED",
                child_health_checks=[child.attr_health_check_id for child in self.children],
                # All of them: one lever that says evacuated is enough.
                health_threshold=len(self.children),
            ),
            health_check_tags=tagged(f"lifeboat-{names.topology.name}-{region}"),
        )

    def _child(self, names: Names, region: str, control: str, checkers: tuple[str, ...]) -> route53.CfnHealthCheck:
        return route53.CfnHealthCheck(
            self,
            f"From-{control}",
            health_check_config=route53.CfnHealthCheck.HealthCheckConfigProperty(
                type="HTTPS_STR_MATCH",
                fully_qualified_domain_name=names.lever(control),
                port=443,
                resource_path=names.lever_path(region),
                search_string=names.lever_token(region),
                inverted=True,
                enable_sni=True,
                request_interval=INTERVAL_SECONDS,
                failure_threshold=FAILURE_THRESHOLD,
                regions=list(checkers),
            ),
            health_check_tags=tagged(f"lifeboat-{names.topology.name}-{region}-from-{control}"),
        )


def checker_regions(names: Names) -> tuple[str, ...]:
    """Return three checker regions, where possible none that the topology uses: they must outlive it."""
    topology = names.topology
    used = {*topology.region_names, *topology.control_regions}
    apart = [region for region in CHECKER_REGIONS if region not in used]
    rest = [region for region in CHECKER_REGIONS if region in used]
    return tuple((apart + rest)[:LEAST_CHECKER_REGIONS])


def tagged(name: str) -> list[route53.CfnHealthCheck.HealthCheckTagProperty]:
    """Return the tag by which the console calls a health check."""
    return [route53.CfnHealthCheck.HealthCheckTagProperty(key="Name", value=name)]
