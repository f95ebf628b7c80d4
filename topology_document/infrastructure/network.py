"""The network around a region's subnets: its ways out, its endpoints, its logs, and its ties to the other regions."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, Strict

from topology_document.infrastructure.words import LogDays
from topology_document.section import Section
from topology_document.values import RegionName


class Nat(StrEnum):
    """How many NAT gateways a region has."""

    EACH_ZONE = "each-zone"
    ONE = "one"


class Traffic(StrEnum):
    """Which of the packets that pass a network are written down."""

    ALL = "all"
    REJECTED = "rejected"


class Reach(StrEnum):
    """Which regions a transit gateway is tied to."""

    ZONE = "zone"
    EVERYWHERE = "everywhere"


class EndpointService(StrEnum):
    """The services of AWS that a network may reach by an interface of its own, without NAT."""

    AUTOSCALING = "autoscaling"
    EC2 = "ec2"
    EC2_MESSAGES = "ec2messages"
    ECR_API = "ecr.api"
    ECR_DOCKER = "ecr.dkr"
    EKS = "eks"
    EKS_AUTH = "eks-auth"
    LOAD_BALANCING = "elasticloadbalancing"
    EVENTS = "events"
    KMS = "kms"
    LAMBDA = "lambda"
    LOGS = "logs"
    MONITORING = "monitoring"
    SECRETS = "secretsmanager"
    SNS = "sns"
    SQS = "sqs"
    SSM = "ssm"
    SSM_MESSAGES = "ssmmessages"
    STATES = "states"
    STS = "sts"
    XRAY = "xray"


class TransitSection(Section):
    """A transit gateway in each region, peered with those of the others."""

    asns: dict[RegionName, Annotated[int, Field(ge=64512, le=65534)]] = Field(
        description="The private AS number of each region's gateway, each once. It is written here since a computed "
        "one would change with the list of regions, and a gateway be replaced.",
        examples=[{"us-east-1": 64512}],
    )
    reach: Annotated[Reach, Strict(strict=False)] = Field(
        Reach.ZONE, description="zone: the regions of the same residency zone. everywhere: all regions."
    )


class NetworkSection(Section):
    """What every region's network has."""

    nat: Annotated[Nat, Strict(strict=False)] = Field(
        Nat.EACH_ZONE,
        description="each-zone: a NAT gateway in each zone. one: a single one, whose zone's loss ends the lease.",
    )
    endpoints: list[Annotated[EndpointService, Strict(strict=False)]] = Field(
        default_factory=list,
        description="The services that the network reaches by interfaces of its own. S3 and DynamoDB have gateways.",
        examples=[["sts", "kms"]],
    )
    flow_logs: Annotated[Traffic, Strict(strict=False)] = Field(
        Traffic.ALL, description="Which packets the flow logs write down."
    )
    log_days: LogDays = Field(30, description="How long flow logs are kept.", examples=[30])
    access_log_days: int = Field(
        365, ge=1, le=3653, description="How long the load balancer's access logs are kept.", examples=[365]
    )
    transit: TransitSection | None = Field(
        None,
        description="Transit gateways between the regions. Default: none.",
        examples=[{"asns": {"us-east-1": 64512}}],
    )
