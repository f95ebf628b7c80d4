"""MiniStack's tables of metrics and alarms, as the evaluation reads them."""

from collections.abc import Iterable, Iterator
from typing import Any

from ministack.services import cloudwatch

from twin.alarms import Metric, Sample

Record = dict[str, Any]
Scope = tuple[str, str]
"""Account and region, by which every table of MiniStack is divided."""

HIGH_RESOLUTION = "_high_resolution"
"""The mark on a stored point; MiniStack itself does not keep ``StorageResolution``."""


def metric_alarms() -> Iterator[tuple[Scope, str, Record]]:
    """Yield every metric alarm with its scope and name."""
    for (account, region, name), record in cloudwatch._alarms.all_items():
        yield (account, region), name, record


def is_current(scope: Scope, name: str, record: Record) -> bool:
    """Whether a record is still the alarm of that name: a request may have replaced or deleted it."""
    return cloudwatch._alarms.get_scoped(*scope, name) is record


def composite_alarm(scope: Scope, name: str) -> Record | None:
    """Return a composite alarm."""
    record: Record | None = cloudwatch._composite_alarms.get_scoped(*scope, name)
    return record


def alarm_of(scope: Scope, reference: str) -> Record | None:
    """Return the alarm of a name or ARN, of either kind."""
    name = reference.partition(":alarm:")[2] or reference
    record: Record | None = cloudwatch._alarms.get_scoped(*scope, name) or composite_alarm(scope, name)
    return record


class StoredSamples:
    """What was published in one account and region."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def __call__(self, metric: Metric, since: float, until: float) -> Iterable[Sample]:
        """Return the samples of one metric, its dimensions being exactly those asked for."""
        dimensions = cloudwatch._dims_key(dict(metric.dimensions))
        points = cloudwatch._metrics.get_scoped(*self._scope, (metric.namespace, metric.name, dimensions), ())
        # A copy: requests go on appending while this is read.
        return [_sample(point) for point in list(points) if since <= point["Timestamp"] < until]


def _sample(point: Record) -> Sample:
    count, total, minimum, maximum = cloudwatch._point_stats(point)
    unit = point.get("Unit") or "None"
    return Sample(point["Timestamp"], count, total, minimum, maximum, unit, bool(point.get(HIGH_RESOLUTION)))
