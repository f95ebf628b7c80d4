"""Reading a ``PutMetricAlarm`` request, or the record that it left; what is not understood is refused.

Numbers may be strings, as they are in CloudFormation templates and in the Query protocol.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from twin.alarms.comparison import comparison
from twin.alarms.errors import AlarmRefusedError
from twin.alarms.metric_alarm import MetricAlarm
from twin.alarms.queries import Queries, queries_of_metric, queries_of_metrics
from twin.alarms.states import Treatment
from twin.alarms.statistics import percentile

_NOT_UNDERSTOOD: Final = {
    "ThresholdMetricId": "anomaly detection",
    "WarmUpConfiguration": "warm-up periods",
    "EvaluationCriteria": "PromQL",
    "EvaluationInterval": "evaluation intervals",
}
_DAY: Final = 86_400
_WALL_CLOCK_PERIODS: Final = (60, 300, 3_600, _DAY)

N = TypeVar("N", int, float)


def read_metric_alarm(request: Mapping[str, Any]) -> MetricAlarm:
    """Return the alarm of a request.

    Raises:
        AlarmRefusedError: with the alarm's name, what is wrong, and what is allowed.
    """
    given = {key: value for key, value in request.items() if value not in (None, "", [])}
    try:
        return _read(given)
    except AlarmRefusedError as exc:
        raise AlarmRefusedError(f"alarm {given.get('AlarmName', '')!r}: {exc}") from exc


def _read(given: Mapping[str, Any]) -> MetricAlarm:
    for key, what in _NOT_UNDERSTOOD.items():
        if key in given:
            raise AlarmRefusedError(f"{key} ({what}) is not emulated; leave it out")
    queries = queries_of_metrics(given) if "Metrics" in given else queries_of_metric(given)
    periods = number(given, "EvaluationPeriods", int)
    to_alarm = number(given, "DatapointsToAlarm", int) if "DatapointsToAlarm" in given else periods
    _check_periods(queries, periods, to_alarm)
    return MetricAlarm(
        queries=queries.metrics,
        expressions=queries.expressions,
        result=queries.result,
        period=queries.period,
        evaluation_periods=periods,
        datapoints_to_alarm=to_alarm,
        datapoints_given="DatapointsToAlarm" in given,
        threshold=number(given, "Threshold", float),
        comparison=comparison(str(given.get("ComparisonOperator", ""))),
        treatment=_treatment(given),
        wall_clock=_is_wall_clock(given, queries.period),
        least_samples=_least_samples(given),
    )


def number(given: Mapping[str, Any], key: str, kind: Callable[[Any], N]) -> N:
    """Return a member as a number.

    Raises:
        AlarmRefusedError: it is missing or is none.
    """
    try:
        return kind(given[key])
    except KeyError:
        raise AlarmRefusedError(f"{key} is required") from None
    except (TypeError, ValueError):
        raise AlarmRefusedError(f"{key} must be a number, not {given[key]!r}") from None


def _check_periods(queries: Queries, periods: int, to_alarm: int) -> None:
    period = queries.period
    if period not in (10, 20, 30) and (period < 60 or period % 60):
        raise AlarmRefusedError(f"Period {period} is not allowed; use 10, 20, 30 or a multiple of 60")
    if periods < 1 or not 1 <= to_alarm <= periods:
        raise AlarmRefusedError(
            f"DatapointsToAlarm {to_alarm} of EvaluationPeriods {periods}: both must be at least 1, the first not over "
            "the second"
        )
    # "Period" of PutMetricAlarm: seven days in all, one day for periods under an hour.
    longest = _DAY if period < 3_600 else 7 * _DAY
    if period * periods > longest:
        raise AlarmRefusedError(f"Period {period} x EvaluationPeriods {periods} is over {longest} s; lower one of them")


def _treatment(given: Mapping[str, Any]) -> Treatment:
    named = given.get("TreatMissingData", Treatment.MISSING)
    try:
        return Treatment(named)
    except ValueError:
        raise AlarmRefusedError(
            f"TreatMissingData {named!r} is not understood; use one of {', '.join(Treatment)}"
        ) from None


def _least_samples(given: Mapping[str, Any]) -> float:
    """Return how many samples of a period are enough: "Percentile-based alarms and low data samples" of CloudWatch."""
    wanted = given.get("EvaluateLowSampleCountPercentile", "evaluate")
    if wanted not in ("evaluate", "ignore"):
        raise AlarmRefusedError(f"EvaluateLowSampleCountPercentile {wanted!r} is not allowed; use evaluate or ignore")
    percent = percentile(str(given.get("ExtendedStatistic", "")))
    if wanted == "evaluate" or percent is None or not 0.0 < percent < 100.0:
        return 0.0
    return 1000.0 / (100.0 - percent if percent >= 50.0 else percent)


def _is_wall_clock(given: Mapping[str, Any], period: int) -> bool:
    window = given.get("EvaluationWindow") or {"SlidingWindow": {}}
    if "SlidingWindow" in window:
        return False
    timezone = (window.get("WallClockWindow") or {}).get("Timezone", "UTC")
    if "WallClockWindow" not in window or timezone != "UTC" or period not in _WALL_CLOCK_PERIODS:
        raise AlarmRefusedError(
            f"EvaluationWindow {window!r} with period {period} is not emulated; use a sliding window, or a wall clock "
            f"window in UTC with one of the periods {', '.join(map(str, _WALL_CLOCK_PERIODS))}"
        )
    return True
