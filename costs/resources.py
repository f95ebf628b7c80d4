"""What each type of resource costs as it stands, with nobody using it; and which cost nothing, or by use alone."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from costs.prices import sized

HOURS: Final = 730
"""Of a month."""
DISK_GIB: Final = 20
"""Of a node whose template says none (EKS API reference, CreateNodegroup)."""
SPOT: Final = 0.4
"""What a Spot node is taken to cost of one on demand; its real price changes by the hour."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource, in the template that it stands in; ``sizes`` are of copies whose templates say none."""

    kind: str
    properties: Mapping[str, Any]
    template: Mapping[str, Any]
    sizes: Mapping[str, Any]

    def other(self, reference: Any) -> Mapping[str, Any]:
        """The properties of a resource that this one refers to."""
        key = reference.get("Ref") if isinstance(reference, dict) else None
        return dict(self.template["Resources"].get(key, {}).get("Properties", {}))


@dataclass(frozen=True, slots=True)
class Use:
    """So many units of something that has a price; ``missing`` says what has none."""

    price: str
    quantity: float
    missing: str = ""


Uses = Iterator[Use]


def _hours(price: str) -> Callable[[Resource], Uses]:
    return lambda _resource: iter((Use(price, HOURS),))


def _month(price: str) -> Callable[[Resource], Uses]:
    return lambda _resource: iter((Use(price, 1),))


def _instance(service: str, instance_type: Any, number: float) -> Uses:
    found = sized(service, instance_type) if isinstance(instance_type, str) else None
    if found is None:
        yield Use("", 0, f"{service} {instance_type}")
    else:
        yield Use(found[0], found[1] * number * HOURS)


def _nodes(resource: Resource) -> Uses:
    told = resource.properties
    number = float(told.get("ScalingConfig", {}).get("DesiredSize", 1))
    share = SPOT if told.get("CapacityType") == "SPOT" else 1.0
    yield from _instance("ec2", next(iter(told.get("InstanceTypes", ())), None), number * share)
    hardware = resource.other(_id_of(told.get("LaunchTemplate", {})))
    disk = _disk(hardware.get("LaunchTemplateData", {})) or told.get("DiskSize", DISK_GIB)
    yield Use("ebs gp3", float(disk) * number)


def _host(resource: Resource) -> Uses:
    template = resource.other(_id_of(resource.properties.get("LaunchTemplate", {})))
    data = template.get("LaunchTemplateData", {})
    yield from _instance("ec2", resource.properties.get("InstanceType") or data.get("InstanceType"), 1)
    yield Use("ebs gp3", float(_disk(data) or 8))


def _id_of(template: Mapping[str, Any]) -> Any:
    return template.get("LaunchTemplateId") or template.get("Id")


def _disk(data: Mapping[str, Any]) -> float:
    return float(sum(each.get("Ebs", {}).get("VolumeSize", 0) for each in data.get("BlockDeviceMappings", ())))


def _volume(resource: Resource) -> Uses:
    yield Use("ebs gp3", float(resource.properties["Size"]))


def _endpoint(resource: Resource) -> Uses:
    if resource.properties.get("VpcEndpointType") == "Interface":
        yield Use("interface endpoint", HOURS * len(resource.properties.get("SubnetIds", ())))


def _balancer(resource: Resource) -> Uses:
    zones = len(resource.properties.get("Subnets", ()))
    yield Use("load balancer", HOURS)
    if resource.properties.get("Scheme") == "internet-facing":
        yield Use("public address", HOURS * zones)


def _database(resource: Resource) -> Uses:
    told = resource.properties
    if str(told.get("Engine", "")).startswith("aurora"):
        yield from _instance("aurora", told.get("DBInstanceClass"), 1)
        return
    copies = 2 if told.get("MultiAZ") else 1
    yield from _instance("rds", told.get("DBInstanceClass"), copies)
    size = told.get("AllocatedStorage") or resource.sizes.get(str(told.get("DBInstanceIdentifier")))
    yield Use("rds storage", float(size) * copies) if size else Use("", 0, "storage of a copy")


def _cache(resource: Resource) -> Uses:
    told = resource.properties
    node = told.get("CacheNodeType") or resource.sizes.get(str(told.get("ReplicationGroupId")))
    yield from _instance("valkey", node, float(told.get("NumCacheClusters", 1)))


def _secret(resource: Resource) -> Uses:
    yield Use("secret", 1 + len(resource.properties.get("ReplicaRegions", ())))


def _alarm(resource: Resource) -> Uses:
    told = resource.properties
    inner = [each["MetricStat"] for each in told.get("Metrics", ()) if "MetricStat" in each]
    period = min((each.get("Period", 60) for each in inner), default=told.get("Period", 60))
    yield Use("fast alarm" if period < 60 else "alarm", max(1, len(inner)))


def _firewall(resource: Resource) -> Uses:
    yield Use("firewall", 1)
    yield Use("firewall rule", len(resource.properties.get("Rules", ())))


def _check(resource: Resource) -> Uses:
    told = resource.properties.get("HealthCheckConfig", {})
    kind = str(told.get("Type", ""))
    features = [kind.startswith("HTTPS"), kind.endswith("STR_MATCH"), told.get("RequestInterval") == 10]
    yield Use("health check", 1)
    yield Use("health check feature", sum([*features, bool(told.get("MeasureLatency"))]))


def _stream(resource: Resource) -> Uses:
    shards = float(resource.properties.get("ShardCount", 1))
    yield Use("stream shard", shards * HOURS)
    if resource.properties.get("RetentionPeriodHours", 24) > 24:
        yield Use("kept stream shard", shards * HOURS)


def _search(resource: Resource) -> Uses:
    """One unit that takes in and one that searches is the least; half of it without a standby."""
    yield Use("search capacity", HOURS * (2 if resource.properties.get("StandbyReplicas") != "DISABLED" else 1))


PRICED: Final[Mapping[str, Callable[[Resource], Uses]]] = {
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::CompositeAlarm": _month("composite alarm"),
    "AWS::CloudWatch::Dashboard": _month("dashboard"),
    "AWS::EC2::EIP": _hours("public address"),
    "AWS::EC2::Instance": _host,
    "AWS::EC2::NatGateway": _hours("nat gateway"),
    "AWS::EC2::TransitGatewayAttachment": _hours("transit attachment"),
    "AWS::EC2::TransitGatewayPeeringAttachment": _hours("transit attachment"),
    "AWS::EC2::TransitGatewayVpcAttachment": _hours("transit attachment"),
    "AWS::EC2::Volume": _volume,
    "AWS::EC2::VPCEndpoint": _endpoint,
    "AWS::EKS::Cluster": _hours("eks cluster"),
    "AWS::EKS::Nodegroup": _nodes,
    "AWS::ElastiCache::ReplicationGroup": _cache,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _balancer,
    "AWS::GlobalAccelerator::Accelerator": _hours("accelerator"),
    "AWS::KMS::Key": _month("key"),
    "AWS::KMS::ReplicaKey": _month("key"),
    "AWS::Kinesis::Stream": _stream,
    "AWS::OpenSearchServerless::Collection": _search,
    "AWS::RDS::DBInstance": _database,
    "AWS::Route53::HealthCheck": _check,
    "AWS::Route53::HostedZone": _month("hosted zone"),
    "AWS::SecretsManager::Secret": _secret,
    "AWS::WAFv2::WebACL": _firewall,
}
