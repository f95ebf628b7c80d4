"""What one region looks like to those who serve its users."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from failover.topology import Names
from stacks.constructs import durations
from stacks.constructs.application_metrics import compared, published
from stacks.constructs.copy_lag import lags_of
from stacks.constructs.signals import region_unhealthy
from stacks.constructs.told_alarms import alarm_graph, promised_alarms
from topology_document.infrastructure.observability import ObservabilitySection

WIDTH = 8
HEIGHT = 6


class RegionalDashboard(Construct):
    """The region's promises, load, copies, health as others see it, and its application's own metrics."""

    def __init__(
        self, scope: Construct, id: str, *, names: Names, region: str, observability: ObservabilitySection
    ) -> None:
        super().__init__(scope, id)
        self._names, self._region = names, region
        board = cloudwatch.Dashboard(
            self,
            "Board",
            dashboard_name=f"lifeboat-{names.topology.name}-{region}",
            default_interval=durations.hours(3),
        )
        board.add_widgets(*self._promises(observability))
        board.add_widgets(self._seen(), *self._lag(observability))
        for name, section in sorted(observability.metrics.items()):
            graphs = [self._graph(f"{name} ({section.kind})", [published(names, name, section, region)])]
            if section.variants:
                first, second = section.variants
                lines = [published(names, name, section, region, each) for each in section.variants]
                graphs.append(self._graph(f"{name}: {second} and {first}", lines))
                graphs.append(self._graph(f"{name}: difference", [compared(names, name, section, region)]))
            board.add_widgets(*graphs)

    def _promises(self, observability: ObservabilitySection) -> list[cloudwatch.IWidget]:
        return [
            alarm_graph(self, self._names, self._region, suffix, title)
            for suffix, title in promised_alarms(observability.objectives)
        ]

    def _seen(self) -> cloudwatch.GraphWidget:
        names, region = self._names, self._region
        observers = [each for each in names.topology.control_regions if each != region]
        votes = [
            region_unhealthy(names, subject=region, observer=each).with_(region=each, label=each) for each in observers
        ]
        return self._graph("Unhealthy, as others see it", votes)

    def _lag(self, observability: ObservabilitySection) -> list[cloudwatch.IWidget]:
        databases = self._names.topology.databases
        lines = [line for each in databases for line in lags_of(self._names, each, self._region).values()]
        if not lines:
            return []
        promised = observability.objectives.lag_ms.get(self._region)
        title = "Copies behind their writer" + (f" (promised: {promised} ms)" if promised else "")
        return [self._graph(title, lines)]

    def _graph(self, title: str, lines: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
        return cloudwatch.GraphWidget(title=title, left=list(lines), width=WIDTH, height=HEIGHT)
