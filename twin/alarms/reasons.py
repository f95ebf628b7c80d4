"""Why an alarm is in its state, in CloudWatch's words and in its JSON.

The wording follows what CloudWatch is seen to write; see "Alarm events and EventBridge".
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from twin.alarms.metric_alarm import MetricAlarm
from twin.alarms.states import State, Treatment


@dataclass(frozen=True, slots=True)
class Datapoint:
    """The value of the period that starts at ``start`` (Unix seconds), or ``None`` where it is missing."""

    start: int
    value: float | None
    sample_count: float | None = None


def reason_text(
    alarm: MetricAlarm, evaluated: Sequence[Datapoint], filled: int, *, previous: State, state: State
) -> str:
    """Return a ``StateReason``."""
    if state is State.INSUFFICIENT_DATA:
        unknown = alarm.evaluation_periods
        return f"Insufficient Data: {_counted(unknown, 'datapoint')} {_was(unknown)} unknown."
    if not evaluated:
        said = f"no datapoints were received for {_counted(filled, 'period')}"
    else:
        said = _listed(alarm, evaluated, filled, previous=previous, state=state)
    if filled and alarm.treatment in (Treatment.BREACHING, Treatment.NOT_BREACHING):
        treated = "Breaching" if alarm.treatment is Treatment.BREACHING else "NonBreaching"
        said += f" and {_counted(filled, 'missing datapoint')} {_was(filled)} treated as [{treated}]"
    return f"Threshold Crossed: {said}."


def reason_data(alarm: MetricAlarm, evaluated: Sequence[Datapoint], *, now: float) -> str:
    """Return a ``StateReasonData``; ``recentDatapoints`` are oldest first, ``evaluatedDatapoints`` newest first."""
    present = [point for point in evaluated if point.value is not None]
    data: dict[str, Any] = {"version": "1.0", "queryDate": precise(now)}
    if present:
        data["startDate"] = precise(present[0].start)
    if alarm.single is not None:
        if alarm.single.unit:
            data["unit"] = alarm.single.unit
        data["statistic"] = alarm.single.statistic
    data["period"] = alarm.period
    data["recentDatapoints"] = [point.value for point in present]
    data["threshold"] = alarm.threshold
    data["evaluatedDatapoints"] = [_evaluated(point) for point in reversed(evaluated)]
    return json.dumps(data, separators=(",", ":"))


def precise(moment: float) -> str:
    """Return a moment as CloudWatch writes it inside events: ``2019-10-02T17:04:40.989+0000``."""
    at = datetime.fromtimestamp(moment, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"


def _evaluated(point: Datapoint) -> dict[str, Any]:
    told: dict[str, Any] = {"timestamp": precise(point.start)}
    if point.sample_count is not None:
        told["sampleCount"] = point.sample_count
    if point.value is not None:
        told["value"] = point.value
    return told


def _listed(alarm: MetricAlarm, evaluated: Sequence[Datapoint], filled: int, *, previous: State, state: State) -> str:
    """Name the datapoints that speak for the state, newest first."""
    speaking = [point for point in reversed(evaluated) if _breaches(alarm, point) == (state is State.ALARM)]
    # With data treated as breaching, every real datapoint may speak against the state that is reached.
    listed = speaking or list(reversed(evaluated))
    is_breaching = _breaches(alarm, listed[0])
    values = ", ".join(f"{point.value} ({_day(point.start)})" for point in listed)
    count = len(listed)
    amount = _counted(count, "datapoint")
    if alarm.datapoints_given:
        amount = f"{count} out of the last {len(evaluated) + filled} datapoints"
    verb = f"{_was(count)} {'' if is_breaching else 'not '}{alarm.comparison.words}"
    said = f"{amount} [{values}] {verb} the threshold ({alarm.threshold})"
    return f"{said} ({_minimum(alarm, previous, state)})" if alarm.datapoints_given else said


def _minimum(alarm: MetricAlarm, previous: State, state: State) -> str:
    to_alarm = alarm.datapoints_to_alarm
    needed = to_alarm if state is State.ALARM else alarm.evaluation_periods - to_alarm + 1
    origin = previous
    if previous is State.INSUFFICIENT_DATA or previous is state:
        # CloudWatch words the first transition as one between OK and ALARM.
        origin = State.OK if state is State.ALARM else State.ALARM
    return f"minimum {_counted(needed, 'datapoint')} for {origin} -> {state} transition"


def _breaches(alarm: MetricAlarm, point: Datapoint) -> bool:
    return point.value is not None and alarm.comparison.breaches(point.value, alarm.threshold)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


def _day(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%d/%m/%y %H:%M:%S}"
