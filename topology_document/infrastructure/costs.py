"""What a month may cost, and what it is expected to be used for."""

from typing import Annotated

from pydantic import Field

from topology_document.section import Section
from topology_document.values import RegionName

Amount = Annotated[float, Field(ge=0, le=10**9, allow_inf_nan=False)]
Dollars = Annotated[float, Field(gt=0, le=10**9, allow_inf_nan=False)]


class UsageSection(Section):
    """A month's use of what has no price while nobody uses it; what is not said is not counted, and is named."""

    out_gib: Amount = Field(0, description="Sent to the internet.", examples=[2000])
    replicated_gib: Amount = Field(0, description="Sent to other regions.", examples=[500])
    nat_gib: Amount = Field(0, description="Sent and received through the NAT gateways.", examples=[500])
    stored_gib: Amount = Field(0, description="Kept in S3, at its standard price.", examples=[1000])
    log_gib: Amount = Field(0, description="Written to logs.", examples=[300])
    database_gib: Amount = Field(0, description="Kept in Aurora and DynamoDB, which have no size.", examples=[200])
    database_million: Amount = Field(0, description="Millions of Aurora's reads and writes of storage.", examples=[500])
    requests_million: Amount = Field(0, description="Millions of requests to the load balancer.", examples=[800])
    custom_metrics: Amount = Field(0, description="Metrics of one's own in CloudWatch.", examples=[100])
    traces_million: Amount = Field(0, description="Millions of traces that are kept.", examples=[80])


class RegionCostSection(Section):
    """One region's month."""

    monthly_usd: Dollars = Field(description="What the region may cost; its budget.", examples=[12000])
    usage: UsageSection = Field(
        default_factory=UsageSection, description="The month's use that the estimate reckons with."
    )


class CostsSection(Section):
    """The budgets, the alarms on them, and what `lifeboat plan` holds its estimate against."""

    regions: dict[RegionName, RegionCostSection] = Field(
        default_factory=dict,
        description="The regions' months.",
        examples=[{"us-east-1": {"monthly_usd": 12000}}],
    )
    alert_percents: list[int] = Field(
        default_factory=lambda: [80, 100],
        min_length=1,
        max_length=4,
        description="The shares of a budget at which people are told.",
        examples=[[80, 100]],
    )
    forecast_percent: int = Field(
        100,
        ge=1,
        le=1000,
        description="People are told when a month is forecast to end over this share.",
        examples=[100],
    )
    anomaly_usd: Dollars = Field(
        100, description="People are told of an anomaly of a day that costs at least this.", examples=[100]
    )
