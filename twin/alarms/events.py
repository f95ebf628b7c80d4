"""The event "CloudWatch Alarm State Change" as EventBridge gives it, and what an alarm sends to a function.

Shapes: "Alarm events and EventBridge" and "Invoke a Lambda function from an alarm", CloudWatch user guide.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from twin.alarms.reasons import precise

DETAIL_TYPE = "CloudWatch Alarm State Change"
SOURCE = "aws.cloudwatch"


@dataclass(frozen=True, slots=True)
class ToldState:
    """A state of an alarm as events tell it; ``at`` is in Unix seconds."""

    value: str
    reason: str
    at: float
    reason_data: str | None = None
    suppressed_by: str | None = None
    suppressed_reason: str | None = None

    def as_detail(self) -> dict[str, str]:
        """Return the ``state`` or ``previousState`` of an event."""
        told = {
            "value": self.value,
            "reason": self.reason,
            "reasonData": self.reason_data,
            "timestamp": precise(self.at),
            "actionsSuppressedBy": self.suppressed_by,
            "actionsSuppressedReason": self.suppressed_reason,
        }
        return {key: value for key, value in told.items() if value is not None}


def state_change(record: Mapping[str, Any], state: ToldState, previous: ToldState, *, event_id: str) -> dict[str, Any]:
    """Return the event of a change; ``record`` is the alarm as DescribeAlarms gives it."""
    account, region = _owner(record)
    return {
        "version": "0",
        "id": event_id,
        "detail-type": DETAIL_TYPE,
        "source": SOURCE,
        "account": account,
        "time": f"{datetime.fromtimestamp(state.at, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "region": region,
        "resources": [record["AlarmArn"]],
        "detail": _detail(record, state, previous),
    }


def function_payload(record: Mapping[str, Any], state: ToldState, previous: ToldState) -> dict[str, Any]:
    """Return what a Lambda function is invoked with when it is an alarm's action."""
    account, region = _owner(record)
    return {
        "source": SOURCE,
        "alarmArn": record["AlarmArn"],
        "accountId": account,
        "time": precise(state.at),
        "region": region,
        "alarmData": _detail(record, state, previous),
    }


def _owner(record: Mapping[str, Any]) -> tuple[str, str]:
    _, _, _, region, account, *_ = str(record["AlarmArn"]).split(":")
    return account, region


def _detail(record: Mapping[str, Any], state: ToldState, previous: ToldState) -> dict[str, Any]:
    return {
        "alarmName": record["AlarmName"],
        "state": state.as_detail(),
        "previousState": previous.as_detail(),
        "configuration": _configuration(record),
    }


def _configuration(record: Mapping[str, Any]) -> dict[str, Any]:
    described = {"description": record["AlarmDescription"]} if record.get("AlarmDescription") else {}
    if "AlarmRule" not in record:
        return {**described, "metrics": _metrics(record)}
    suppressor = {
        "actionsSuppressor": record.get("ActionsSuppressor"),
        "actionsSuppressorWaitPeriod": record.get("ActionsSuppressorWaitPeriod"),
        "actionsSuppressorExtensionPeriod": record.get("ActionsSuppressorExtensionPeriod"),
    }
    given = {key: value for key, value in suppressor.items() if value is not None}
    return {**described, "alarmRule": record["AlarmRule"], **given}


def _metrics(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    if record.get("Metrics"):
        return [_entry(entry) for entry in record["Metrics"]]
    named = record.get("ExtendedStatistic") or record.get("Statistic")
    stat = _stat(record, str(named), record["Period"], record.get("Unit"))
    # CloudWatch makes up an id for the one metric; it is the same in each event of the alarm.
    return [{"id": str(uuid.uuid5(uuid.NAMESPACE_URL, record["AlarmArn"])), "metricStat": stat, "returnData": True}]


def _entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"id": entry["Id"]}
    if entry.get("Expression"):
        told["expression"] = entry["Expression"]
    if entry.get("Label"):
        told["label"] = entry["Label"]
    if stat := entry.get("MetricStat"):
        told["metricStat"] = _stat(stat["Metric"], stat["Stat"], stat["Period"], stat.get("Unit"))
    told["returnData"] = str(entry.get("ReturnData", True)).lower() != "false"
    return told


def _stat(metric: Mapping[str, Any], statistic: str, period: Any, unit: str | None) -> dict[str, Any]:
    dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions") or ()}
    described = {"dimensions": dimensions, "name": metric["MetricName"], "namespace": metric["Namespace"]}
    told = {"metric": described, "period": int(period), "stat": statistic}
    return {**told, "unit": unit} if unit else told
