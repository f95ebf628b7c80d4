"""What stacks build around the data and the control plane, and what no function ever reads: a section for each area.

Each section is used as it was written, with its defaults: there is no second, compiled form. What a section may not
say beside another one is checked in ``topology_document.checks``.
"""

from typing import Annotated

from pydantic import Field, Strict

from topology_document.infrastructure.backups import BackupsSection
from topology_document.infrastructure.caching import CacheUpkeepSection
from topology_document.infrastructure.compute import ComputeSection, MeshSection, ServiceSection
from topology_document.infrastructure.costs import CostsSection
from topology_document.infrastructure.delivery import DeliverySection
from topology_document.infrastructure.edge import EdgeSection
from topology_document.infrastructure.environment import Environment, EnvironmentSection
from topology_document.infrastructure.experiments import ExperimentsSection
from topology_document.infrastructure.hosts import HostSection
from topology_document.infrastructure.models import ModelSection
from topology_document.infrastructure.network import NetworkSection
from topology_document.infrastructure.notices import NoticeSection
from topology_document.infrastructure.objects import BucketSection
from topology_document.infrastructure.observability import ObservabilitySection
from topology_document.infrastructure.publications import PublicationSection
from topology_document.infrastructure.recovery import RecoverySection
from topology_document.infrastructure.residency import ZoneSection
from topology_document.infrastructure.rollout import RolloutSection
from topology_document.infrastructure.security import SecuritySection
from topology_document.infrastructure.sites import DatasetSection, SitesSection
from topology_document.infrastructure.steering import SteeringSection
from topology_document.infrastructure.tables import TableSection
from topology_document.infrastructure.upkeep import UpkeepSection
from topology_document.section import Section
from topology_document.values import Label, RouteName, ZoneName


class Infrastructure(Section):
    """The areas; what a document does not name is not built."""

    environment: Annotated[Environment, Strict(strict=False)] = Field(
        Environment.PRODUCTION,
        description="What the stacks are built for. It is said to the command and not here: one document for all.",
    )
    environments: dict[Annotated[Environment, Strict(strict=False)], EnvironmentSection] = Field(
        default_factory=dict,
        description="Where staging and development stand. Default: in production's account.",
        examples=[{"staging": {"account": "444455556666"}}],
    )
    datasets: dict[Label, DatasetSection] = Field(
        default_factory=dict,
        description="The kinds of data, by name, and whether they may leave their zone. Default: none is declared.",
        examples=[{"user-data": {"replicate": False, "databases": ["users-eu"]}}],
    )
    zones: dict[ZoneName, ZoneSection] = Field(
        default_factory=dict,
        description="The users of each residency zone, by the zone's name. Default: nobody is said to be of one.",
        examples=[{"EU": {"users": ["EU", "GB", "CH"]}}],
    )
    sites: SitesSection | None = Field(
        None,
        description="What the sites among the regions need of AWS; required where there is one.",
        examples=[{"session_seconds": 3600}],
    )
    recovery: dict[RouteName, RecoverySection] = Field(
        default_factory=dict,
        description="How users come back to a route's first region, by the route's name. Default: all at once.",
        examples=[{"eu": {"first_percent": 10, "percent_per_minute": 10}}],
    )

    network: NetworkSection | None = Field(
        None,
        description="Ways out, endpoints, logs and transit gateways of the regions' networks. Default: a NAT gateway "
        "in each zone and little else.",
        examples=[{"nat": "each-zone"}],
    )
    compute: ComputeSection | None = Field(
        None,
        description="The nodes of the regions' clusters. Default: one group of m7g.large.",
        examples=[{"instance_types": ["m7g.large"]}],
    )
    services: dict[Label, ServiceSection] = Field(
        default_factory=dict,
        description="What runs in the clusters, by name. Default: nothing that is known here.",
        examples=[{"api": {"image": "shop/api:1.0.0"}}],
    )
    mesh: MeshSection = Field(default_factory=MeshSection, description="How services speak to each other.")
    edge: EdgeSection | None = Field(
        None,
        description="Edge nodes in cities. Default: none.",
        examples=[{"cities": {"bremen": {"region": "eu-central-1"}}}],
    )
    buckets: dict[Label, BucketSection] = Field(
        default_factory=dict,
        description="Buckets, by name, beside the one that each region has. Default: none.",
        examples=[{"media": {"tier_after_days": 0}}],
    )
    tables: dict[Label, TableSection] = Field(
        default_factory=dict,
        description="DynamoDB tables that all of their regions write, by name. Default: none.",
        examples=[{"carts": {"partition_key": "cart"}}],
    )
    models: dict[Label, ModelSection] = Field(
        default_factory=dict,
        description="Models of machine learning, by name. Default: none.",
        examples=[{"ranking": {"order": ["eu-west-1", "us-east-1"]}}],
    )
    backups: BackupsSection | None = Field(
        None,
        description="Daily backups of what the stacks keep. Default: what each service does by itself.",
        examples=[{"daily_at": "01:00", "keep_days": 35}],
    )
    upkeep: dict[Label, UpkeepSection] = Field(
        default_factory=dict,
        description="How the copies of a database are kept, by the database's name. Default: the defaults for each.",
        examples=[{"orders": {"recovery_days": 14}}],
    )
    cache_upkeep: dict[Label, CacheUpkeepSection] = Field(
        default_factory=dict,
        description="How the copies of a cache are kept, by the cache's name. Default: the defaults for each.",
        examples=[{"hot": {"sync_seconds": 5}}],
    )
    security: SecuritySection | None = Field(
        None,
        description="Keys, secrets, detection, compliance, audit, access and the API gateway. Default: a key in each "
        "region and no more.",
        examples=[{"audit": {"retention_days": 365}}],
    )
    observability: ObservabilitySection | None = Field(
        None,
        description="Dashboards, objectives, logs, traces, metrics and pages. Default: the control plane's own alarms.",
        examples=[{"objectives": {"availability_percent": 99.95}}],
    )
    costs: CostsSection | None = Field(
        None,
        description="Budgets, and the use that the cost estimate reckons with. Default: neither.",
        examples=[{"regions": {"us-east-1": {"monthly_usd": 12000}}}],
    )
    hosts: dict[Label, HostSection] = Field(
        default_factory=dict,
        description="The hosts of self-managed databases, by the database's name. Default: the defaults for each.",
        examples=[{"telemetry": {"timescaledb": True}}],
    )
    publications: dict[Label, PublicationSection] = Field(
        default_factory=dict,
        description="What databases that never move share with each other, by name. Default: nothing.",
        examples=[{"telemetry": {"databases": ["telemetry-ie", "telemetry-fr"], "tables": {}}}],
    )
    notices: dict[RouteName, NoticeSection] = Field(
        default_factory=dict,
        description="What users of a route read when none of its regions serves, by the route's name. Default: the "
        "regions are answered all the same.",
        examples=[{"fr": {"title": "We are not available", "text": "Please try again in a few minutes."}}],
    )
    delivery: DeliverySection | None = Field(
        None,
        description="How requests reach a region: accelerator, content delivery, firewalls, signed names. Default: by "
        "the routes alone.",
        examples=[{"dnssec": True}],
    )
    experiments: ExperimentsSection | None = Field(
        None,
        description="Faults that are injected on purpose. Default: none.",
        examples=[{"minutes": 10}],
    )
    rollout: RolloutSection | None = Field(
        None,
        description="How a new version of the services comes to users. Default: it takes the old one's place.",
        examples=[{"order": ["ap-southeast-1", "eu-west-1", "us-east-1"]}],
    )
    steering: dict[RouteName, SteeringSection] = Field(
        default_factory=dict,
        description="What DNS is told of a route beyond its policy, by the route's name. Default: no more.",
        examples=[{"app": {"checks": {"interval_seconds": 30}}}],
    )


NOTHING = Infrastructure()
"""Of a product whose document names none."""
