"""AWS's list prices in US dollars, on demand, of 2026: in us-east-1, eu-west-1 and ap-southeast-1.

``page`` is where AWS says the price; ``costs.sources`` names the public pages on which it was read, and for which
regions. What was not read is as remembered from AWS's list: look before you rely on it.
Other regions are priced as the one of these three that is nearest.
"""

from dataclasses import dataclass
from typing import Final

from costs.sources import REGIONS

NEAREST: Final = {"us": "us-east-1", "ca": "us-east-1", "sa": "us-east-1", "mx": "us-east-1", "eu": "eu-west-1"}


@dataclass(frozen=True, slots=True)
class Price:
    """A price in each of ``REGIONS``, for one unit."""

    usd: tuple[float, float, float]
    unit: str
    page: str


def _price(*usd: float, unit: str, page: str) -> Price:
    first, second, third = usd if len(usd) == len(REGIONS) else usd * len(REGIONS)
    return Price((first, second, third), unit, f"https://aws.amazon.com/{page}/pricing/")


HOUR, MONTH, GIB_MONTH, GIB, MILLION = "hour", "month", "GiB-month", "GiB", "million"

PRICES: Final[dict[str, Price]] = {
    "eks cluster": _price(0.10, unit=HOUR, page="eks"),
    "ec2 m7g.large": _price(0.0816, 0.0910, 0.1020, unit=HOUR, page="ec2/on-demand"),
    "ec2 m6g.large": _price(0.0770, 0.0860, 0.0960, unit=HOUR, page="ec2/on-demand"),
    "ec2 m7i.large": _price(0.1008, 0.11235, 0.1260, unit=HOUR, page="ec2/on-demand"),
    "ec2 m6i.large": _price(0.0960, 0.1070, 0.1200, unit=HOUR, page="ec2/on-demand"),
    "ec2 c7g.large": _price(0.0725, 0.0775, 0.0833, unit=HOUR, page="ec2/on-demand"),
    "ec2 c6g.large": _price(0.0680, 0.0730, 0.0784, unit=HOUR, page="ec2/on-demand"),
    "ec2 r7g.large": _price(0.1071, 0.1199, 0.1292, unit=HOUR, page="ec2/on-demand"),
    "ec2 r6g.large": _price(0.1008, 0.1128, 0.1216, unit=HOUR, page="ec2/on-demand"),
    "ec2 t4g.large": _price(0.0672, 0.0736, 0.0848, unit=HOUR, page="ec2/on-demand"),
    "ebs gp3": _price(0.08, 0.088, 0.096, unit=GIB_MONTH, page="ebs"),
    "public address": _price(0.005, unit=HOUR, page="vpc"),
    "nat gateway": _price(0.045, 0.048, 0.059, unit=HOUR, page="vpc"),
    "nat traffic": _price(0.045, 0.048, 0.059, unit=GIB, page="vpc"),
    "interface endpoint": _price(0.01, 0.011, 0.013, unit="hour and zone", page="privatelink"),
    "transit attachment": _price(0.05, 0.05, 0.07, unit=HOUR, page="transit-gateway"),
    "load balancer": _price(0.0225, 0.0252, 0.0252, unit=HOUR, page="elasticloadbalancing"),
    "load balancer capacity": _price(0.008, unit="unit and hour", page="elasticloadbalancing"),
    "aurora r7g.large": _price(0.276, 0.307, 0.350, unit=HOUR, page="rds/aurora"),
    "aurora r6g.large": _price(0.260, 0.288, 0.333, unit=HOUR, page="rds/aurora"),
    "aurora storage": _price(0.10, 0.11, 0.12, unit=GIB_MONTH, page="rds/aurora"),
    "aurora requests": _price(0.20, 0.22, 0.24, unit=MILLION, page="rds/aurora"),
    "rds m7g.large": _price(0.168, 0.186, 0.208, unit=HOUR, page="rds/postgresql"),
    "rds m6g.large": _price(0.159, 0.176, 0.198, unit=HOUR, page="rds/postgresql"),
    "rds r7g.large": _price(0.239, 0.262, 0.286, unit=HOUR, page="rds/postgresql"),
    "rds t4g.large": _price(0.129, 0.140, 0.162, unit=HOUR, page="rds/postgresql"),
    "rds storage": _price(0.115, 0.127, 0.138, unit=GIB_MONTH, page="rds/postgresql"),
    "valkey r7g.large": _price(0.1752, 0.1952, 0.2104, unit=HOUR, page="elasticache"),
    "valkey m7g.large": _price(0.1264, 0.1400, 0.1560, unit=HOUR, page="elasticache"),
    "valkey t4g.large": _price(0.1040, 0.1136, 0.1264, unit=HOUR, page="elasticache"),
    "key": _price(1.0, unit=MONTH, page="kms"),
    "secret": _price(0.40, unit=MONTH, page="secrets-manager"),
    "alarm": _price(0.10, unit="metric and month", page="cloudwatch"),
    "fast alarm": _price(0.30, unit="metric and month", page="cloudwatch"),
    "composite alarm": _price(0.50, unit=MONTH, page="cloudwatch"),
    "dashboard": _price(3.0, unit=MONTH, page="cloudwatch"),
    "metric": _price(0.30, unit=MONTH, page="cloudwatch"),
    "metric call": _price(10.0, unit="million calls", page="cloudwatch"),
    "logs": _price(0.50, 0.57, 0.70, unit=GIB, page="cloudwatch"),
    "firewall": _price(5.0, unit=MONTH, page="waf"),
    "firewall rule": _price(1.0, unit=MONTH, page="waf"),
    "firewall requests": _price(0.60, unit=MILLION, page="waf"),
    "hosted zone": _price(0.50, unit=MONTH, page="route53"),
    "health check": _price(0.50, unit=MONTH, page="route53"),
    "health check feature": _price(1.0, unit=MONTH, page="route53"),
    "stream shard": _price(0.015, 0.017, 0.019, unit=HOUR, page="kinesis/data-streams"),
    "kept stream shard": _price(0.02, 0.022, 0.025, unit=HOUR, page="kinesis/data-streams"),
    "delivery": _price(0.029, 0.031, 0.036, unit=GIB, page="firehose"),
    "search capacity": _price(0.24, 0.26, 0.29, unit="unit and hour", page="opensearch-service"),
    "accelerator": _price(0.025, unit=HOUR, page="global-accelerator"),
    "function time": _price(0.0000133334, unit="GB-second", page="lambda"),
    "function calls": _price(0.20, unit=MILLION, page="lambda"),
    "http api": _price(1.0, 1.11, 1.25, unit=MILLION, page="api-gateway"),
    "table writes": _price(0.625, 0.705, 0.71, unit="million units", page="dynamodb/on-demand"),
    "table reads": _price(0.125, 0.1415, 0.1425, unit="million units", page="dynamodb/on-demand"),
    "objects": _price(0.023, 0.023, 0.025, unit=GIB_MONTH, page="s3"),
    "sent out": _price(0.09, 0.09, 0.12, unit=GIB, page="ec2/on-demand"),
    "sent to regions": _price(0.02, 0.02, 0.09, unit=GIB, page="ec2/on-demand"),
    "traces": _price(5.0, unit=MILLION, page="xray"),
}

SIZES: Final = {
    "micro": 1 / 8,
    "small": 1 / 4,
    "medium": 1 / 2,
    "large": 1,
    "xlarge": 2,
    "2xlarge": 4,
    "4xlarge": 8,
    "8xlarge": 16,
    "12xlarge": 24,
    "16xlarge": 32,
}
"""How much of a large one each size is, and costs."""


def priced_as(region: str) -> str:
    """The region by whose prices another one's are reckoned."""
    return region if region in REGIONS else NEAREST.get(region.split("-", maxsplit=1)[0], "ap-southeast-1")


def price(key: str, region: str) -> float:
    """The price of one unit in a region."""
    return PRICES[key].usd[REGIONS.index(priced_as(region))]


def sized(service: str, instance_type: str) -> tuple[str, float] | None:
    """The price of which an instance type's is a multiple, with the factor; ``None`` where there is none."""
    family, _, size = instance_type.removeprefix("db.").removeprefix("cache.").partition(".")
    key = f"{service} {family}.large"
    return (key, SIZES[size]) if key in PRICES and size in SIZES else None
