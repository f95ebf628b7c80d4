"""How a region is seen: its logs, traces, metrics, dashboards, alarms on what is promised, and who is told."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_logs as logs
from constructs import Construct

from failover.topology import Topology
from stacks.acceptance import accept
from stacks.constructs import observed
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.application_metrics import ApplicationMetrics
from stacks.constructs.collectors import Collectors
from stacks.constructs.copy_lag import CopyLag
from stacks.constructs.failures import Failures
from stacks.constructs.grafana import Grafana
from stacks.constructs.observed_key import ObservedKey
from stacks.constructs.pagerduty import PagerDuty
from stacks.constructs.prometheus import Prometheus
from stacks.constructs.regional_dashboard import RegionalDashboard
from stacks.constructs.retention import KEPT
from stacks.constructs.signals import incident_open
from stacks.constructs.tracing import Tracing
from stacks.layer import LayerStack
from topology_document.infrastructure.observability import LogsSection, ObservabilitySection
from topology_document.infrastructure.words import KEPT_DAYS, MOST_KEPT_DAYS


class ObservabilityStack(LayerStack):
    """One region's; it reads no other stack, and finds what it shows by its name."""

    def __init__(self, scope: Construct, topology: Topology, region: str, wanted: ObservabilitySection) -> None:
        super().__init__(scope, topology, "observability", region, stateful=True)
        self._told = AlarmTopic(self, "Alarms")
        self._key = ObservedKey(self, "Key", description=f"Lifeboat {topology.name}: what is observed in this region")
        collectors = Collectors(self, "Collectors", names=self.names)
        collectors.allow_logs(self._application_log(wanted.logs or LogsSection()))
        if wanted.tracing is not None:
            Tracing(self, "Tracing", names=self.names, tracing=wanted.tracing)
            collectors.allow_traces()
        if wanted.prometheus is not None:
            prometheus = Prometheus(
                self,
                "Prometheus",
                names=self.names,
                key=self._key,
                prometheus=wanted.prometheus,
                objectives=wanted.objectives,
                told=self._told,
            )
            collectors.allow_metrics(prometheus.workspace.attr_arn, wanted.prometheus.federated_in)
        if wanted.grafana is not None and region in wanted.grafana.regions:
            federated_in = wanted.prometheus.federated_in if wanted.prometheus else None
            Grafana(self, "Grafana", names=self.names, region=region, federated_in=federated_in)
        self._alarms(wanted)
        RegionalDashboard(self, "Dashboard", names=self.names, region=region, observability=wanted)
        if wanted.paging.pagerduty:
            failures = Failures(self, "Failures", told=self._told)
            accept(failures, "what PagerDuty did not take ends here: it is one itself", "AwsSolutions-SQS3")
            pages = region in topology.control_regions
            PagerDuty(self, "PagerDuty", names=self.names, region=region, failures=failures.queue, pages=pages)

    def _application_log(self, wanted: LogsSection) -> logs.LogGroup:
        group = logs.LogGroup(
            self,
            "ApplicationLog",
            log_group_name=observed.application_log(self.names),
            encryption_key=self._key,
            removal_policy=KEPT,
        )
        told = group.node.default_child
        assert isinstance(told, logs.CfnLogGroup)
        # CloudWatch Logs knows some numbers of days alone: the next one is long enough.
        told.retention_in_days = next((each for each in KEPT_DAYS if each >= wanted.hot_days), MOST_KEPT_DAYS)
        return group

    def _alarms(self, wanted: ObservabilitySection) -> None:
        names, region = self.names, self.region_name
        lag = wanted.objectives.lag_ms.get(region)
        if lag is not None:
            CopyLag(self, "CopyLag", names=names, region=region, milliseconds=lag, told=self._told)
        ApplicationMetrics(self, "Metrics", names=names, region=region, metrics=wanted.metrics, told=self._told)
        if wanted.objectives.recovery_seconds is not None and region in self.topology.control_regions:
            self._recovery(wanted.objectives.recovery_seconds)

    def _recovery(self, seconds: float) -> None:
        alarm = cloudwatch.Alarm(
            self,
            "RecoveryLate",
            alarm_name=f"{self.stack_name}-recovery-late",
            alarm_description=f"An incident is open for longer than the {seconds:g} s in which users are to be served.",
            metric=incident_open(self.names, region=self.region_name),
            threshold=seconds,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            # That nobody looks any more is another alarm's.
            treat_missing_data=cloudwatch.TreatMissingData.IGNORE,
        )
        alarm.add_alarm_action(actions.SnsAction(self._told))
        alarm.add_ok_action(actions.SnsAction(self._told))
