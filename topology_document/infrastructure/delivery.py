"""How requests reach a region: accelerator, content delivery, firewalls, signed names."""

from typing import Annotated

from pydantic import Field, Strict

from topology_document.infrastructure.request_words import PathPattern, Percent, PriceClass, RuleGroup
from topology_document.infrastructure.words import LogDays
from topology_document.section import Section
from topology_document.values import Label, RegionName, RouteName


class AcceleratorSection(Section):
    """A Global Accelerator: two addresses everywhere, and the nearest region whose endpoint is healthy."""

    name: RouteName = Field(description="Its name in the domain, no route's.", examples=["go"])
    affinity: bool = Field(
        default=False, description="Whether a client's address stays with one region while that is healthy."
    )
    dials: dict[RegionName, Percent] = Field(
        default_factory=dict,
        description="The percentage of a region's own users that come to it; 0 for one that stands by. A failover "
        "ignores it. Default: 100 each.",
        examples=[{"eu-west-1": 0}],
    )
    check_seconds: int = Field(
        10, ge=5, le=300, description="How often a region's load balancer asks its lever.", examples=[10]
    )
    failures: int = Field(
        2, ge=2, le=10, description="Answers in a row that make a load balancer unhealthy, or healthy.", examples=[2]
    )
    log_days: int = Field(365, ge=1, le=3653, description="How long its flow logs are kept.", examples=[365])


class BehaviorSection(Section):
    """What is cached at the edge, and for how long."""

    paths: list[PathPattern] = Field(min_length=1, description="Which requests.", examples=[["/static/*"]])
    ttl_seconds: int = Field(
        ge=0,
        le=31_536_000,
        description="How long an answer is kept that does not say otherwise, and the most that it may say.",
        examples=[300],
    )
    writes: bool = Field(
        default=False,
        description="Whether requests may write; then no other origin is ever tried, which would go around the lever.",
    )
    personal: bool = Field(
        default=False,
        description="Whether answers are for one person: then cookies and the Authorization header keep them apart.",
    )


class InvalidationSection(Section):
    """What is thrown out of the edge caches, by what happened."""

    content_updates: list[PathPattern] = Field(
        default_factory=list,
        description="When the product says that content has changed, unless it says which. Default: not at all.",
        examples=[["/static/*"]],
    )
    configuration_changes: list[PathPattern] = Field(
        default_factory=list,
        description="When a parameter of the product changes in Parameter Store. Default: not at all.",
        examples=[["/api/*"]],
    )
    security_incidents: list[PathPattern] = Field(
        default_factory=list,
        description="When GuardDuty finds something severe, or the product says so. Default: not at all.",
        examples=[["/*"]],
    )


class CdnSection(Section):
    """A CloudFront distribution before the regions."""

    names: list[RouteName] = Field(
        min_length=1, description='Its names in the domain, no routes\'; "@" may be one.', examples=[["www"]]
    )
    origin: RouteName = Field(
        description="Where requests go on to: the accelerator's name, or a route's.", examples=["app"]
    )
    fallback: RouteName | None = Field(
        None,
        description="The route that reads are tried at when the origin fails. Default: none.",
        examples=["app"],
    )
    behaviors: dict[Label, BehaviorSection] = Field(
        default_factory=dict,
        description="What is cached; all else goes through. Default: nothing is.",
        examples=[{"static": {"paths": ["/static/*"], "ttl_seconds": 31_536_000}}],
    )
    only_named: bool = Field(
        default=False,
        description="Whether what no behavior names is refused at the edge, in place of going through it.",
    )
    invalidation: InvalidationSection = Field(
        default_factory=InvalidationSection, description="What is thrown out, and when."
    )
    least_hit_percent: int | None = Field(
        None, ge=1, le=99, description="People are told when fewer requests are hits. Default: never.", examples=[90]
    )
    price_class: Annotated[PriceClass, Strict(strict=False)] = Field(
        PriceClass.ALL, description="Which edge locations serve.", examples=["PriceClass_All"]
    )
    log_days: int = Field(365, ge=1, le=3653, description="How long its access logs are kept.", examples=[365])


class FirewallSection(Section):
    """What WAF refuses, at the edge and at each region's load balancer."""

    requests_per_address: int = Field(
        3000,
        ge=10,
        le=2_000_000_000,
        description="How many requests an address may make in five minutes at the edge.",
        examples=[3000],
    )
    requests_per_address_in_region: int = Field(
        3000,
        ge=10,
        le=2_000_000_000,
        description="The same at a region's load balancer, where what comes through CloudFront comes from few "
        "addresses.",
        examples=[3000],
    )
    managed_groups: list[RuleGroup] | None = Field(
        None,
        min_length=1,
        description="AWS's managed rule groups, in the order in which they are asked. Default: bad addresses, what is "
        "common, known bad inputs.",
        examples=[["AWSManagedRulesCommonRuleSet"]],
    )
    log_days: LogDays = Field(365, description="How long what was refused is kept.", examples=[365])


class DeliverySection(Section):
    """How requests reach a region."""

    accelerator: AcceleratorSection | None = Field(
        None, description="A Global Accelerator. Default: none.", examples=[{"name": "go"}]
    )
    cdn: CdnSection | None = Field(
        None,
        description="A CloudFront distribution. Default: none.",
        examples=[{"names": ["www"], "origin": "app"}],
    )
    firewall: FirewallSection | None = Field(
        None,
        description="What WAF refuses. Default: AWS's managed rules and 3000 requests, at each load balancer.",
        examples=[{"requests_per_address": 3000}],
    )
    dnssec: bool = Field(
        default=False, description="Whether the zone is signed; an operator gives the parent zone its DS record."
    )
    shield_advanced: bool = Field(
        default=False, description="Whether Shield Advanced protects; the account must have subscribed to it."
    )
