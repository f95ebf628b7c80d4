"""Faults that are injected on purpose: what each region may try, what ends it, and what begins by itself."""

from collections.abc import Iterable
from typing import Final

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_eks as eks
from aws_cdk import aws_kms as kms
from constructs import Construct

from failover.topology import Topology
from stacks.acceptance import accept
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.experiment import Experiment
from stacks.constructs.experiment_words import FIS_PODS, Region, faults_of
from stacks.constructs.failures import Failures
from stacks.constructs.function_bundle import FunctionBundle
from stacks.constructs.kept_log import KeptLog
from stacks.constructs.practice import PracticeRuns
from stacks.constructs.retention import KEPT
from stacks.constructs.signals import incident_open, region_unhealthy
from stacks.layer import LayerStack
from topology_document import Infrastructure
from topology_document.infrastructure.experiments import ExperimentKind, ExperimentsSection

LAYER: Final = "chaos"


class ChaosStack(LayerStack):
    """The experiments of one region. Each ends when an incident opens, or when any other region is not well.

    The region itself is not looked at: it is what is broken. It runs the control plane too, since what ends an
    experiment must be an alarm of its own region, and be told by somebody there.
    """

    def __init__(
        self,
        scope: Construct,
        topology: Topology,
        region: str,
        bundle: FunctionBundle,
        asked: ExperimentsSection,
        *,
        services: bool,
    ) -> None:
        super().__init__(scope, topology, LAYER, region, stateful=False)
        key = kms.Key(
            self,
            "Key",
            description=f"Lifeboat {topology.name}: what experiments did",
            enable_key_rotation=True,
            removal_policy=KEPT,
        )
        log = KeptLog(self, "Log", days=asked.log_days, key=key)
        stops = [*self._others_unwell(), self._incident()]
        here = Region(self.names, region, asked, [each for each in topology.aws_regions if each != region])
        self.experiments: dict[ExperimentKind, Experiment] = {}
        for kind in asked.wanted:
            faults = faults_of(kind, here)
            if not faults or (kind is ExperimentKind.PODS_KILLED and not services):
                continue
            description = f"{topology.name}: {kind} in {region}"
            self.experiments[kind] = Experiment(
                self, kind, topology=topology.name, description=description, faults=faults, stops=stops, log=log
            )
        if ExperimentKind.PODS_KILLED in self.experiments:
            # What the role may do in the cluster says a manifest of the namespace (``manifests.experiments``).
            eks.CfnAccessEntry(
                self,
                "ClusterAccess",
                cluster_name=self.names.cluster,
                principal_arn=self.experiments[ExperimentKind.PODS_KILLED].role.role_arn,
                username=FIS_PODS,
            )
        due = [each for each in asked.practice if each.region == region and each.experiment in self.experiments]
        if due:
            told = AlarmTopic(self, "Alarms")
            PracticeRuns(
                self,
                "Practice",
                names=self.names,
                region=region,
                code=bundle.code(),
                due=due,
                experiments=self.experiments,
                key=key,
                failures=Failures(self, "Failures", told=told).queue,
            )

    def _others_unwell(self) -> list[cloudwatch.Alarm]:
        return [
            self._alarm(
                f"Unwell-{subject}",
                f"{subject} is not well: one region is enough to practise with.",
                region_unhealthy(self.names, subject=subject, observer=self.region_name),
            )
            for subject in self.topology.region_names
            if subject != self.region_name
        ]

    def _incident(self) -> cloudwatch.Alarm:
        metric = incident_open(self.names, region=self.region_name)
        return self._alarm("Incident", "An incident is open: what was a practice is none any more.", metric)

    def _alarm(self, id: str, description: str, metric: cloudwatch.Metric) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            id,
            alarm_name=f"{self.stack_name}-{id.lower()}",
            alarm_description=description,
            metric=metric,
            threshold=0,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            # Who does not see practises no further either.
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )
        accept(alarm, "it ends experiments; it tells no person", "NIST.800.53.R5-CloudWatchAlarmAction")
        return alarm


def chaos_stacks(scope: Construct, topology: Topology, infrastructure: Infrastructure) -> Iterable[LayerStack]:
    """Build one for each region of AWS that runs the control plane too, where the document asks for experiments."""
    asked = infrastructure.experiments
    if asked is None:
        return []
    bundle = FunctionBundle.build(topology)
    return [
        ChaosStack(scope, topology, region, bundle, asked, services=bool(infrastructure.services))
        for region in topology.aws_regions
        if region in topology.control_regions
    ]
