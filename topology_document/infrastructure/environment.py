"""The environments that one document is built for: the product itself, and what stands beside it."""

from enum import StrEnum

from pydantic import Field

from topology_document.section import Section
from topology_document.values import AccountId, DomainName, RegionName


class Environment(StrEnum):
    """How much of the document is built.

    ``production``: all of it. ``staging``: its mirror in one region, or in those that it names. ``development``: the
    least that runs. ``edge``: the edge nodes of production, and nothing else.
    """

    PRODUCTION = "production"
    STAGING = "staging"
    DEVELOPMENT = "development"
    EDGE = "edge"


class EnvironmentSection(Section):
    """Where an environment beside production stands."""

    account: AccountId | None = Field(
        None,
        description="Its AWS account, in quotes. Default: production's, whose detectors then are its own as well.",
        examples=["444455556666"],
    )
    region: RegionName | None = Field(
        None,
        description="Its one region, of those that serve the product. Default: the primary region, or the region of "
        "AWS that is near a primary site.",
        examples=["eu-west-1"],
    )
    regions: list[RegionName] | None = Field(
        None,
        description="For staging alone, in place of region: two or more of the product's regions of AWS, the primary "
        "one among them, with all that production has there and between them. Default: the one region.",
        examples=[["us-east-1", "eu-west-1", "ap-southeast-1"]],
    )
    domain: DomainName | None = Field(
        None,
        description="Its DNS zone. Default: the environment's name before production's zone.",
        examples=["staging.shop.example.com"],
    )
