"""A metric alarm as it is evaluated: everything is resolved, checked, and of one kind."""

from collections.abc import Mapping
from dataclasses import dataclass

from twin.alarms.comparison import Comparison
from twin.alarms.expression import Node
from twin.alarms.samples import Metric
from twin.alarms.states import Treatment
from twin.alarms.windows import EXTRA_PERIODS, STANDARD_STEP, evaluation_step


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """One metric under one statistic; ``unit`` leaves out what was published with another one."""

    id: str
    metric: Metric
    statistic: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class MetricAlarm:
    """An alarm on one metric (``expressions`` empty) or on metric math; ``result`` is the id that is judged.

    Its state stays as it is while a period that counts has fewer than ``least_samples`` samples.
    ``datapoints_given`` says whether ``DatapointsToAlarm`` was set: a state's reason is worded by it.
    """

    queries: tuple[MetricQuery, ...]
    expressions: Mapping[str, Node]
    result: str
    period: int
    evaluation_periods: int
    datapoints_to_alarm: int
    datapoints_given: bool
    threshold: float
    comparison: Comparison
    treatment: Treatment
    wall_clock: bool = False
    least_samples: float = 0.0

    @property
    def step(self) -> int:
        """Seconds between two evaluations."""
        return evaluation_step(self.period, wall_clock=self.wall_clock)

    @property
    def range_periods(self) -> int:
        """How many periods are read."""
        return self.evaluation_periods + EXTRA_PERIODS

    @property
    def is_high_resolution(self) -> bool:
        """Whether its period is under a minute, so that only high-resolution samples feed it."""
        return self.period < STANDARD_STEP

    @property
    def single(self) -> MetricQuery | None:
        """The metric of an alarm without metric math."""
        return self.queries[0] if not self.expressions and len(self.queries) == 1 else None
