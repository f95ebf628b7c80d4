"""One evaluation of a metric alarm: samples to datapoints to a state and its reason."""

from dataclasses import dataclass

from twin.alarms.calculation import Calculation
from twin.alarms.metric_alarm import MetricAlarm, MetricQuery
from twin.alarms.missing import judge
from twin.alarms.reasons import Datapoint, reason_data, reason_text
from twin.alarms.samples import Sample, Samples
from twin.alarms.series import Series
from twin.alarms.states import State
from twin.alarms.statistics import sample_count, statistic
from twin.alarms.windows import period_starts


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The state that the data ask for, with the reason in words and as CloudWatch's JSON."""

    state: State
    reason: str
    reason_data: str


def evaluate(alarm: MetricAlarm, samples: Samples, *, end: int, now: float, state: State) -> Evaluation | None:
    """Return what the alarm should say, or ``None`` where it keeps what it says.

    Args:
        samples: what was published.
        end: where the newest window ends (``windows.range_end``).
        now: the moment of the evaluation, for its reason only.
        state: the state that the alarm is in.
    """
    datapoints = _datapoints(alarm, samples, end)
    breaching = [
        None if point.value is None else alarm.comparison.breaches(point.value, alarm.threshold) for point in datapoints
    ]
    judgement = judge(breaching, alarm.evaluation_periods, alarm.datapoints_to_alarm, alarm.treatment)
    if judgement.state is None:
        return None
    evaluated = [datapoints[index] for index in judgement.evaluated]
    # What a reason lists when everything is missing are the last N periods.
    listed = evaluated or list(datapoints[-alarm.evaluation_periods :])
    if any((point.sample_count or alarm.least_samples) < alarm.least_samples for point in evaluated):
        return None
    return Evaluation(
        judgement.state,
        reason_text(alarm, evaluated, judgement.filled, previous=state, state=judgement.state),
        reason_data(alarm, listed, now=now),
    )


def _datapoints(alarm: MetricAlarm, samples: Samples, end: int) -> tuple[Datapoint, ...]:
    starts = period_starts(end, alarm.period, alarm.range_periods)
    periods = {query.id: _by_period(alarm, query, samples, starts[0], end) for query in alarm.queries}
    series: dict[str, Series] = {
        query.id: tuple(statistic(query.statistic)(period) for period in periods[query.id]) for query in alarm.queries
    }
    values = Calculation(series, alarm.expressions, alarm.period).series(alarm.result)
    counted = periods.get(alarm.result)
    counts = [sample_count(period) for period in counted] if counted else [None] * len(starts)
    return tuple(
        Datapoint(start, value, count if value is not None else None)
        for start, value, count in zip(starts, values, counts, strict=True)
    )


def _by_period(
    alarm: MetricAlarm, query: MetricQuery, samples: Samples, since: int, until: int
) -> tuple[list[Sample], ...]:
    periods: tuple[list[Sample], ...] = tuple([] for _ in range(alarm.range_periods))
    for sample in samples(query.metric, since, until):
        if sample.count <= 0 or (query.unit is not None and sample.unit != query.unit):
            continue
        if alarm.is_high_resolution and not sample.high_resolution:
            continue
        if since <= sample.at < until:
            periods[int((sample.at - since) // alarm.period)].append(sample)
    return periods
