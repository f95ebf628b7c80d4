"""What an alarm reads: one metric, or the ``Metrics`` array of metric math."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from twin.alarms.calculation import Calculation
from twin.alarms.errors import AlarmRefusedError
from twin.alarms.expression import Node, parse_expression
from twin.alarms.metric_alarm import MetricQuery
from twin.alarms.samples import Metric
from twin.alarms.statistics import statistic

_SINGLE: Final = "m1"


@dataclass(frozen=True, slots=True)
class Queries:
    """The metrics, the expressions by id, the id that is judged, and the period that all share."""

    metrics: tuple[MetricQuery, ...]
    period: int
    result: str
    expressions: Mapping[str, Node] = field(default_factory=dict)


def queries_of_metric(given: Mapping[str, Any]) -> Queries:
    """Return the query of an alarm on one metric.

    Raises:
        AlarmRefusedError: a member is missing or not understood.
    """
    if "Statistic" in given and "ExtendedStatistic" in given:
        raise AlarmRefusedError("Statistic and ExtendedStatistic exclude each other; leave one out")
    named = given.get("ExtendedStatistic") or given.get("Statistic")
    if not named:
        raise AlarmRefusedError("Statistic, ExtendedStatistic or Metrics is required")
    query = _query(_SINGLE, given, str(named), given.get("Unit"))
    return Queries((query,), _period(given), _SINGLE)


def queries_of_metrics(given: Mapping[str, Any]) -> Queries:
    """Return the queries of a ``Metrics`` array, tried out on missing data so that nothing fails later.

    Raises:
        AlarmRefusedError: a member is missing or not understood, or the result is no single series.
    """
    clash = [key for key in ("MetricName", "Namespace", "Dimensions", "Period", "Statistic") if key in given]
    if clash:
        raise AlarmRefusedError(f"Metrics excludes {', '.join(clash)}; leave them out")
    entries = {str(entry.get("Id", "")): entry for entry in given["Metrics"]}
    if len(entries) != len(given["Metrics"]) or "" in entries:
        raise AlarmRefusedError("every entry of Metrics needs an Id of its own")
    returned = [name for name, entry in entries.items() if _is_returned(entry)]
    if len(returned) != 1:
        raise AlarmRefusedError(f"exactly one entry of Metrics must have ReturnData true, not {returned}")
    metrics = tuple(
        _query(name, stat.get("Metric") or {}, str(stat.get("Stat", "")), stat.get("Unit"))
        for name, entry in entries.items()
        if (stat := entry.get("MetricStat"))
    )
    expressions = {
        name: parse_expression(str(entry["Expression"])) for name, entry in entries.items() if entry.get("Expression")
    }
    periods = {_period(entry["MetricStat"]) for entry in entries.values() if entry.get("MetricStat")}
    if len(periods) != 1 or len(metrics) + len(expressions) != len(entries):
        raise AlarmRefusedError(
            "each entry of Metrics needs either MetricStat or Expression, at least one of them MetricStat, all with "
            f"the same Period; periods are {sorted(periods)}"
        )
    [period] = periods
    Calculation({query.id: (None,) for query in metrics}, expressions, period).series(returned[0])
    return Queries(metrics, period, returned[0], expressions)


def _query(name: str, described: Mapping[str, Any], named_statistic: str, unit: str | None) -> MetricQuery:
    for key in ("Namespace", "MetricName"):
        if not described.get(key):
            raise AlarmRefusedError(f"{key} is required")
    statistic(named_statistic)
    metric = Metric.of(described["Namespace"], described["MetricName"], described.get("Dimensions") or ())
    return MetricQuery(name, metric, named_statistic, unit or None)


def _period(described: Mapping[str, Any]) -> int:
    try:
        return int(described["Period"])
    except (KeyError, TypeError, ValueError):
        raise AlarmRefusedError(f"Period must be a number of seconds, not {described.get('Period')!r}") from None


def _is_returned(entry: Mapping[str, Any]) -> bool:
    return str(entry.get("ReturnData", True)).lower() != "false"
