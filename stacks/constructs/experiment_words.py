"""What each experiment does to which things of a region, and what it may: AWS FIS's actions and their permissions.

Each fault is one that a drill plays on the twin, or a part of one (``docs/chaos.md``). What it reaches is named, or
found by the tags of the product's own stacks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import aws_cdk as cdk

from failover.topology import Engine, Names
from topology_document.infrastructure.experiments import ExperimentKind, ExperimentsSection

TAG: Final = "lifeboat:topology"
FIS_PODS: Final = "lifeboat-experiments"
"""The service account of the pods that FIS starts in a cluster, and the name of its role there."""

NETWORK_ACLS: Final = [
    "ec2:CreateNetworkAcl",
    "ec2:CreateNetworkAclEntry",
    "ec2:CreateTags",
    "ec2:DeleteNetworkAcl",
    "ec2:ReplaceNetworkAclAssociation",
]
ROUTE_TABLES: Final = [
    "ec2:AssociateRouteTable",
    "ec2:CreateManagedPrefixList",
    "ec2:CreateNetworkInterface",
    "ec2:CreateRoute",
    "ec2:CreateRouteTable",
    "ec2:CreateTags",
    "ec2:DeleteManagedPrefixList",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteRouteTable",
    "ec2:DisassociateRouteTable",
    "ec2:ModifyManagedPrefixList",
    "ec2:ModifyVpcEndpoint",
    "ec2:ReplaceRouteTableAssociation",
]
LOOKS: Final = [
    "ec2:DescribeInstances",
    "ec2:DescribeManagedPrefixLists",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcPeeringConnections",
    "ec2:DescribeVpcs",
    "ec2:GetManagedPrefixListEntries",
    "eks:DescribeCluster",
    "elasticache:DescribeReplicationGroups",
    "rds:DescribeDBClusters",
    "rds:DescribeDBInstances",
    "tag:GetResources",
]
PLACES_OF_NETWORKS: Final = (
    *("managed-prefix-list", "network-acl", "network-interface", "prefix-list", "route-table", "security-group"),
    *("subnet", "vpc", "vpc-endpoint"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One action of FIS on one kind of thing, and what the experiment's role may do for it."""

    action: str
    parameters: dict[str, str]
    target: str
    reached: dict[str, Any]
    may: tuple[str, ...]
    on: tuple[str, ...]
    selection: str = "ALL"


@dataclass(frozen=True, slots=True)
class Region:
    """What faults are written of: a region of a product, and what its document asks for."""

    names: Names
    region: str
    asked: ExperimentsSection
    others: Sequence[str] = field(default_factory=tuple)

    @property
    def lasting(self) -> str:
        """How long a fault lasts, as FIS writes it."""
        return f"PT{self.asked.minutes}M"

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of something of this account and region."""
        return f"arn:aws:{service}:{self.region}:{self.names.topology.account}:{resource}"


def faults_of(kind: ExperimentKind, here: Region) -> Mapping[str, Fault]:
    """Return the faults of an experiment, which begin together; none where the region has nothing to break so."""
    return {name: fault for name, fault in _FAULTS[kind](here).items() if fault is not None}


def _zone_lost(here: Region) -> dict[str, Fault | None]:
    tags = {"eks:cluster-name": here.names.cluster}
    filters = [
        {"path": "Placement.AvailabilityZone", "values": [_zone()]},
        {"path": "State.Name", "values": ["running"]},
    ]
    nodes = {"resourceType": "aws:ec2:instance", "resourceTags": tags, "filters": filters}
    stopped = {"startInstancesAfterDuration": here.lasting, "completeIfInstancesTerminated": "true"}
    return {
        "nodes": Fault(
            "aws:ec2:stop-instances",
            stopped,
            "Instances",
            nodes,
            ("ec2:StopInstances", "ec2:StartInstances"),
            (here.arn("ec2", "instance/*"),),
        ),
        **_cut(here, _subnets(here, zone=True), "all"),
        **_database(here),
        **_cache(here),
    }


def _network_cut(here: Region) -> dict[str, Fault | None]:
    return _cut(here, _subnets(here, zone=False), "all")


def _region_cut(here: Region) -> dict[str, Fault | None]:
    return {
        f"from-{other}": Fault(
            "aws:network:route-table-disrupt-cross-region-connectivity",
            {"duration": here.lasting, "region": other},
            "Subnets",
            _subnets(here, zone=False),
            tuple(ROUTE_TABLES),
            tuple(here.arn("ec2", f"{place}/*") for place in PLACES_OF_NETWORKS),
        )
        for other in here.others
    }


def _database(here: Region) -> dict[str, Fault | None]:
    names, region = here.names, here.region
    held = [each for each in names.topology.databases if region in each.regions]
    instances = [names.db_instance_arn(each.name, region) for each in held if each.engine is Engine.RDS_POSTGRES]
    clusters = [names.db_cluster_arn(each.name, region) for each in held if each.engine is Engine.AURORA_POSTGRES]
    reboot, fail_over = "aws:rds:reboot-db-instances", "aws:rds:failover-db-cluster"
    return {
        "instances": Fault(
            reboot,
            {"forceFailover": "true"},
            "DBInstances",
            {"resourceType": "aws:rds:db", "resourceArns": instances},
            ("rds:RebootDBInstance",),
            tuple(instances),
        )
        if instances
        else None,
        "clusters": Fault(
            fail_over,
            {},
            "Clusters",
            {"resourceType": "aws:rds:cluster", "resourceArns": clusters},
            ("rds:FailoverDBCluster",),
            (*clusters, here.arn("rds", f"db:{names.topology.name}-*")),
        )
        if clusters
        else None,
    }


def _cache(here: Region) -> dict[str, Fault | None]:
    groups = [
        here.names.cache_group_arn(each.name, here.region)
        for each in here.names.topology.caches
        if here.region in each.regions
    ]
    reached = {
        "resourceType": "aws:elasticache:replicationgroup",
        "resourceArns": groups,
        "parameters": {"availabilityZoneIdentifier": _zone()},
    }
    fault = Fault(
        "aws:elasticache:replicationgroup-interrupt-az-power",
        {"duration": here.lasting},
        "ReplicationGroups",
        reached,
        ("elasticache:InterruptClusterAzPower",),
        tuple(groups),
    )
    return {"caches": fault if groups else None}


def _pods(here: Region) -> dict[str, Fault | None]:
    pods = {
        "resourceType": "aws:eks:pod",
        "parameters": {
            "clusterIdentifier": here.names.cluster,
            "namespace": here.names.topology.name,
            "selectorType": "labelSelector",
            "selectorValue": "app.kubernetes.io/managed-by=lifeboat",
        },
    }
    told = {"kubernetesServiceAccount": FIS_PODS, "gracePeriodSeconds": "0"}
    return {"pods": Fault("aws:eks:pod-delete", told, "Pods", pods, (), (), selection="PERCENT(34)")}


def _throttled(here: Region) -> dict[str, Fault | None]:
    told = {
        "service": "ec2",
        "operations": "DescribeInstances,DescribeNetworkInterfaces,DescribeVolumes",
        "percentage": str(here.asked.throttled_percent),
        "duration": here.lasting,
    }
    tags = {TAG: here.names.topology.name, "lifeboat:layer": "regional"}
    reached = {"resourceType": "aws:iam:role", "resourceTags": tags}
    may, on = ("fis:InjectApiThrottleError",), (here.arn("fis", "experiment/*"),)
    return {"calls": Fault("aws:fis:inject-api-throttle-error", told, "Roles", reached, may, on)}


def _cut(here: Region, subnets: dict[str, Any], scope: str) -> dict[str, Fault | None]:
    places = tuple(here.arn("ec2", f"{place}/*") for place in ("network-acl", "subnet", "vpc"))
    told = {"scope": scope, "duration": here.lasting}
    return {"network": Fault("aws:network:disrupt-connectivity", told, "Subnets", subnets, tuple(NETWORK_ACLS), places)}


def _subnets(here: Region, *, zone: bool) -> dict[str, Any]:
    """Return the product's own subnets: what stands in them is cut off, in one zone or in all."""
    told: dict[str, Any] = {
        "resourceType": "aws:ec2:subnet",
        "resourceTags": {TAG: here.names.topology.name, "lifeboat:layer": "regional"},
    }
    return {**told, "parameters": {"availabilityZoneIdentifier": _zone()}} if zone else told


def _zone() -> str:
    """Return the first zone of wherever the template is deployed."""
    return cdk.Fn.select(0, cdk.Fn.get_azs())


_FAULTS: Final[dict[ExperimentKind, Callable[[Region], dict[str, Fault | None]]]] = {
    ExperimentKind.ZONE_LOST: _zone_lost,
    ExperimentKind.NETWORK_CUT: _network_cut,
    ExperimentKind.REGION_CUT: _region_cut,
    ExperimentKind.DATABASE_FAILOVER: _database,
    ExperimentKind.CACHE_ZONE_LOST: _cache,
    ExperimentKind.PODS_KILLED: _pods,
    ExperimentKind.API_THROTTLED: _throttled,
}
