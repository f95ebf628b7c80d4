"""Alarms and samples for the tests, in CloudWatch's own words."""

from collections.abc import Iterable, Sequence
from typing import Any

from twin.alarms import Evaluation, Metric, Sample, State, evaluate, range_end, read_metric_alarm

NOON = 1_767_268_800
"""2026-01-01T12:00:00Z: a boundary of every period."""

REACHABLE = {"Namespace": "Lifeboat", "MetricName": "Reachable"}


def request(**members: Any) -> dict[str, Any]:
    """A PutMetricAlarm request: less than 1 reachable in 3 minutes, unless said otherwise."""
    return {
        "AlarmName": "unreachable",
        **REACHABLE,
        "Dimensions": [{"Name": "Region", "Value": "us-east-1"}],
        "Statistic": "Minimum",
        "Period": 60,
        "EvaluationPeriods": 3,
        "Threshold": 1,
        "ComparisonOperator": "LessThanThreshold",
        **members,
    }


class Store:
    """A memory of samples, read as an evaluation reads."""

    def __init__(self, samples: Iterable[tuple[Metric, Sample]] = ()) -> None:
        self.samples = list(samples)

    def put(self, value: float, at: float, region: str = "us-east-1", **members: Any) -> None:
        """Publish one value of ``Reachable`` for a region."""
        metric = Metric.of("Lifeboat", "Reachable", [{"Name": "Region", "Value": region}])
        self.samples.append((metric, Sample.of_value(at, value, **members)))

    def __call__(self, metric: Metric, since: float, until: float) -> list[Sample]:
        """Return the samples of a metric."""
        return [sample for named, sample in self.samples if named == metric and since <= sample.at < until]


def evaluated(
    store: Store, now: float = NOON, state: State = State.OK, delay: float = 0.0, **members: Any
) -> Evaluation | None:
    """Evaluate the alarm of ``request(**members)``."""
    alarm = read_metric_alarm(request(**members))
    return evaluate(alarm, store, end=range_end(now, alarm.step, delay), now=now, state=state)


def state_of(store: Store, now: float = NOON, **members: Any) -> State | None:
    """The state that the data ask for; ``None`` keeps the one there is."""
    evaluation = evaluated(store, now, **members)
    return evaluation.state if evaluation else None


def minutes(values: Sequence[float | None], end: float = NOON, period: int = 60, **members: Any) -> Store:
    """One value in the middle of each of the last periods before ``end``, oldest first; ``None`` is missing."""
    store = Store()
    for index, value in enumerate(reversed(values)):
        if value is not None:
            store.put(value, end - (index + 0.5) * period, **members)
    return store
