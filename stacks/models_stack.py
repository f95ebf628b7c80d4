"""What a region needs to use models of machine learning: its record of versions, and the function that changes them."""

from collections.abc import Iterable, Mapping
from typing import Final

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from failover.environments import RollOutModelsEnvironment
from failover.model_versions import ModelPlan
from failover.model_versions.places import latest_key, models_bucket, models_table
from failover.plain import as_plain
from failover.topology import Topology
from stacks.acceptance import accept
from stacks.constructs import durations
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.data_names import DataNames
from stacks.constructs.declared_table import DeclaredTable
from stacks.constructs.failures import Failures
from stacks.constructs.function_bundle import FunctionBundle
from stacks.constructs.minute_schedule import MinuteSchedule
from stacks.constructs.models_access import ModelsAccess
from stacks.constructs.refused_models import RefusedModel
from stacks.constructs.step_function import ALWAYS_ON_MIB, StepFunction
from stacks.layer import LayerStack
from topology_document import Infrastructure
from topology_document.infrastructure.models import ModelSection
from topology_document.infrastructure.tables import TableSection

LAYER: Final = "models"
TIMEOUT_SECONDS: Final = 50
"""Less than a minute, so that two looks do not meet; should they, of two writes to a record one is refused."""


class ModelsStack(LayerStack):
    """One region that uses models, or publishes them."""

    def __init__(
        self, scope: Construct, topology: Topology, region: str, bundle: FunctionBundle, plans: Mapping[str, ModelPlan]
    ) -> None:
        super().__init__(scope, topology, LAYER, region, stateful=True)
        told = AlarmTopic(self, "Alarms")
        DeclaredTable(
            self,
            "Versions",
            names=DataNames(self.names),
            table_name=models_table(topology),
            section=TableSection(partition_key="model", stream=False),
            regions=[region],
        )
        function = StepFunction(
            self,
            "RollOutModels",
            names=self.names,
            code=bundle.code(),
            environment=RollOutModelsEnvironment(
                quorum_table=self.names.quorum_table,
                quorum_regions=topology.quorum.replicas,
                models={name: as_plain(plan) for name, plan in plans.items()},
            ),
            failures=Failures(self, "Failures", told=told).queue,
            timeout_seconds=TIMEOUT_SECONDS,
            memory_mib=ALWAYS_ON_MIB,
            asynchronous_retries=0,
        )
        ModelsAccess(self.names, region, plans).grant(function)
        look = targets.LambdaFunction(function, retry_attempts=0, max_event_age=durations.minutes(1))
        MinuteSchedule(
            self,
            "EachMinute",
            description="Looks at the versions of the models that this region uses or publishes.",
            targets=[look],
            told=told,
        )
        published = [plan for plan in plans.values() if plan.source == region]
        if published:
            self._when_published(published, look)
            for plan in published:
                RefusedModel(self, f"Refused-{plan.name}", plan=plan, namespace=topology.name, told=told)

    def _when_published(self, plans: list[ModelPlan], look: targets.LambdaFunction) -> None:
        """A new version is looked at in the second in which it is published, and not in the next minute."""
        rule = events.Rule(
            self,
            "Published",
            description="A model's latest version was named.",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={
                    "bucket": {"name": [models_bucket(self.topology, self.region_name)]},
                    "object": {"key": [latest_key(plan.name) for plan in plans]},
                },
            ),
            targets=[look],
        )
        accept(rule, "the next minute looks at the same", "Serverless-EventBusDLQ")


def plan_of(topology: Topology, name: str, section: ModelSection) -> ModelPlan:
    """Return what functions are told of a model."""
    return ModelPlan(
        name=name,
        source=section.source or topology.primary.name,
        order=tuple(section.order),
        shares=tuple(section.shares),
        bake_seconds=section.bake_seconds,
        window_seconds=section.window_seconds,
        least_health=section.least_health,
        least_requests=section.least_requests,
        slow_seconds=section.slow_seconds,
        tiers=dict(section.tiers),
    )


def models_stacks(scope: Construct, topology: Topology, infrastructure: Infrastructure) -> Iterable[LayerStack]:
    """Build one for each region that uses or publishes a model."""
    plans = {name: plan_of(topology, name, section) for name, section in infrastructure.models.items()}
    if not plans:
        return []
    bundle = FunctionBundle.build(topology)
    used = {region for plan in plans.values() for region in (plan.source, *plan.order)}
    return [
        ModelsStack(
            scope,
            topology,
            region,
            bundle,
            {name: plan for name, plan in plans.items() if region in (plan.source, *plan.order)},
        )
        for region in topology.aws_regions
        if region in used
    ]
