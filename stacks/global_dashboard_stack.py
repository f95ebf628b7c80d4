"""The product as a whole, on one page: what is promised against what is, in every region."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from failover.topology import Database, Names, Topology
from stacks.constructs import durations
from stacks.constructs.application_metrics import published
from stacks.constructs.copy_lag import lags_of
from stacks.constructs.service_levels import BURNS
from stacks.constructs.signals import incident_open, loss_bound, recovery, region_unhealthy
from stacks.constructs.told_alarms import alarm_arn, alarm_graph, promised_alarms
from stacks.constructs.whole_load import load_graphs
from stacks.layer import LayerStack
from topology_document.infrastructure.observability import ObjectivesSection, ObservabilitySection

DAY_SECONDS: Final = 86400
WHOLE, HALF, THIRD, QUARTER = 24, 12, 8, 6
HEIGHT: Final = 6


class GlobalDashboardStack(LayerStack):
    """A dashboard over all regions. Any region's console shows it; none of its numbers is copied anywhere."""

    def __init__(self, scope: Construct, topology: Topology, observability: ObservabilitySection) -> None:
        super().__init__(scope, topology, "global-dashboard", Names(topology).home, stateful=False)
        objectives = observability.objectives
        board = cloudwatch.Dashboard(
            self, "Board", dashboard_name=f"lifeboat-{topology.name}", default_interval=durations.days(1)
        )
        board.add_widgets(self._promised(objectives))
        board.add_widgets(*self._recovery(objectives))
        board.add_widgets(self._standing(objectives), self._votes())
        board.add_widgets(*load_graphs(self.names, objectives, width=HALF))
        for region in topology.aws_regions:
            board.add_widgets(
                *(
                    alarm_graph(self, self.names, region, suffix, f"{region}: {title}")
                    for suffix, title in promised_alarms(objectives)
                )
            )
        board.add_widgets(*(self._loss(each) for each in topology.databases if each.replicas))
        business = {name: each for name, each in observability.metrics.items() if not each.variants}
        board.add_widgets(
            *(
                _graph(name, [published(self.names, name, each, region) for region in topology.aws_regions], THIRD)
                for name, each in sorted(business.items())
            )
        )

    def _promised(self, objectives: ObjectivesSection) -> cloudwatch.TextWidget:
        targets = self.topology.targets
        lines = [
            f"# {self.topology.name}",
            f"RTO {targets.rto_seconds:g} s, RPO {targets.rpo_seconds:g} s, detection {targets.detection_seconds:g} s; "
            f"availability {objectives.availability_percent:g} % over {objectives.window_days} days",
            "Recoveries are counted from the opening of an incident, when detection and dwell time are over.",
        ]
        return cloudwatch.TextWidget(markdown="\n\n".join(lines), width=WHOLE, height=3)

    def _recovery(self, objectives: ObjectivesSection) -> Sequence[cloudwatch.IWidget]:
        """RTO now, MTTR and MTBF: each incident is measured by whoever executed it, so all of them are added up."""
        regions = self.topology.control_regions
        spent = {f"spent{n}": recovery(self.names, region=each, statistic="Sum") for n, each in enumerate(regions)}
        count = {
            f"count{n}": recovery(self.names, region=each, statistic="SampleCount") for n, each in enumerate(regions)
        }
        seconds, number = f"SUM([{','.join(spent)}])", f"SUM([{','.join(count)}])"
        open_now = [incident_open(self.names, region=each).with_(label=each) for each in regions]
        last = [recovery(self.names, region=each, statistic="Maximum").with_(label=each) for each in regions]
        return [
            _graph(
                f"RTO now: an incident's age, seconds (promised: {self.topology.targets.rto_seconds:g})",
                open_now,
                QUARTER,
            ),
            _graph("Recoveries, seconds", last, QUARTER),
            _figure(
                "MTTR, seconds" + _promise(objectives.recovery_seconds, "s"),
                cloudwatch.MathExpression(
                    expression=f"IF({number} > 0, {seconds} / {number})", using_metrics=spent | count, label="mean"
                ),
            ),
            _figure(
                "MTBF, days" + _promise(objectives.between_failures_days, "days"),
                cloudwatch.MathExpression(
                    expression=f"IF({number} > 0, PERIOD(count0) / {DAY_SECONDS} / {number})",
                    using_metrics=count,
                    label="mean",
                ),
            ),
        ]

    def _standing(self, objectives: ObjectivesSection) -> cloudwatch.AlarmStatusWidget:
        suffixes = [f"budget-burns-{burn.name}" for burn in BURNS]
        if objectives.latency_p95_ms is not None:
            suffixes.append("answers-slow")
        alarms = [
            cloudwatch.Alarm.from_alarm_arn(self, f"{region}-{suffix}-state", alarm_arn(self.names, region, suffix))
            for region in self.topology.aws_regions
            for suffix in suffixes
        ]
        return cloudwatch.AlarmStatusWidget(title="Promises", alarms=list(alarms), width=HALF, height=HEIGHT)

    def _votes(self) -> cloudwatch.GraphWidget:
        lines = [
            region_unhealthy(self.names, subject=subject, observer=observer).with_(
                region=observer, label=f"{subject} from {observer}"
            )
            for subject in self.topology.region_names
            for observer in self.topology.control_regions
            if observer != subject
        ]
        return _graph("Unhealthy, as each control region sees it", lines, HALF)

    def _loss(self, database: Database) -> cloudwatch.GraphWidget:
        """RPO now: what the copies lack, and what could not be ruled out when one of them was promoted."""
        lags = [line for each in database.regions for line in lags_of(self.names, database, each).values()]
        bounds = [
            loss_bound(self.names, database=database.name, region=each).with_(label=f"bound of a promotion in {each}")
            for each in self.topology.control_regions
        ]
        return cloudwatch.GraphWidget(
            title=f"RPO now: {database.name} (promised: {database.rpo_seconds:g} s)",
            left=list(lags),
            right=list(bounds),
            right_annotations=[cloudwatch.HorizontalAnnotation(value=database.rpo_seconds, label="RPO")],
            width=THIRD,
            height=HEIGHT,
        )


def _promise(value: float | None, unit: str) -> str:
    return f" (promised: {value:g} {unit})" if value is not None else ""


def _graph(title: str, lines: Sequence[cloudwatch.IMetric], width: int) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(lines), width=width, height=HEIGHT)


def _figure(title: str, metric: cloudwatch.IMetric) -> cloudwatch.SingleValueWidget:
    """One figure for the whole time that the page shows."""
    return cloudwatch.SingleValueWidget(
        title=title, metrics=[metric], set_period_to_time_range=True, width=QUARTER, height=HEIGHT
    )
