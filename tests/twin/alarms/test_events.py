"""The published examples of "Alarm events and EventBridge", made again from what they describe."""

from datetime import UTC, datetime
from typing import Any

from twin.alarms import ToldState, function_payload, state_change

ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"


def moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_the_event_of_an_alarm_on_one_metric() -> None:
    record = {
        "AlarmName": "ServerCpuTooHigh",
        "AlarmArn": f"{ARN}ServerCpuTooHigh",
        "AlarmDescription": "Goes into alarm when server CPU utilization is too high!",
        "Namespace": "AWS/EC2",
        "MetricName": "CPUUtilization",
        "Dimensions": [{"Name": "InstanceId", "Value": "i-12345678901234567"}],
        "Period": 300,
        "Statistic": "Average",
    }
    state = ToldState("ALARM", "Threshold Crossed: …", moment("2019-10-02T17:04:40.989"), '{"version":"1.0"}')
    previous = ToldState("OK", "Threshold Crossed: …", moment("2019-10-01T13:56:40.987"), '{"version":"1.0"}')

    event = state_change(record, state, previous, event_id="c4c1c1c9-6542-e61b-6ef0-8c4d36933a92")

    [metric] = event["detail"]["configuration"]["metrics"]
    assert (
        metric.pop("id")
        == state_change(record, previous, state, event_id="")["detail"]["configuration"]["metrics"][0]["id"]
    )
    assert event == {
        "version": "0",
        "id": "c4c1c1c9-6542-e61b-6ef0-8c4d36933a92",
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": "123456789012",
        "time": "2019-10-02T17:04:40Z",
        "region": "us-east-1",
        "resources": ["arn:aws:cloudwatch:us-east-1:123456789012:alarm:ServerCpuTooHigh"],
        "detail": {
            "alarmName": "ServerCpuTooHigh",
            "configuration": {
                "description": "Goes into alarm when server CPU utilization is too high!",
                "metrics": [
                    {
                        "metricStat": {
                            "metric": {
                                "dimensions": {"InstanceId": "i-12345678901234567"},
                                "name": "CPUUtilization",
                                "namespace": "AWS/EC2",
                            },
                            "period": 300,
                            "stat": "Average",
                        },
                        "returnData": True,
                    }
                ],
            },
            "previousState": {
                "reason": "Threshold Crossed: …",
                "reasonData": '{"version":"1.0"}',
                "timestamp": "2019-10-01T13:56:40.987+0000",
                "value": "OK",
            },
            "state": {
                "reason": "Threshold Crossed: …",
                "reasonData": '{"version":"1.0"}',
                "timestamp": "2019-10-02T17:04:40.989+0000",
                "value": "ALARM",
            },
        },
    }


def test_the_event_of_an_alarm_on_metric_math_has_its_queries() -> None:
    stat = {
        "Metric": {
            "Namespace": "AWS/EC2",
            "MetricName": "NetworkIn",
            "Dimensions": [{"Name": "InstanceId", "Value": "i"}],
        },
        "Period": 300,
        "Stat": "Maximum",
    }
    record: dict[str, Any] = {
        "AlarmName": "TotalNetworkTrafficTooHigh",
        "AlarmArn": f"{ARN}TotalNetworkTrafficTooHigh",
        "Metrics": [
            {"Id": "e1", "Expression": "SUM(METRICS())", "Label": "Total Network Traffic", "ReturnData": True},
            {"Id": "m1", "MetricStat": stat, "ReturnData": False},
        ],
    }
    state = ToldState("ALARM", "…", 0.0)

    assert state_change(record, state, state, event_id="")["detail"]["configuration"] == {
        "metrics": [
            {"expression": "SUM(METRICS())", "id": "e1", "label": "Total Network Traffic", "returnData": True},
            {
                "id": "m1",
                "metricStat": {
                    "metric": {"dimensions": {"InstanceId": "i"}, "name": "NetworkIn", "namespace": "AWS/EC2"},
                    "period": 300,
                    "stat": "Maximum",
                },
                "returnData": False,
            },
        ]
    }


def test_a_composite_alarm_tells_its_rule_and_its_suppressor() -> None:
    record = {
        "AlarmName": "CompositeDemo.Main",
        "AlarmArn": f"{ARN}CompositeDemo.Main",
        "AlarmRule": "ALARM(CompositeDemo.FirstChild) OR ALARM(CompositeDemo.SecondChild)",
        "ActionsSuppressor": "CompositeDemo.ActionsSuppressor",
        "ActionsSuppressorWaitPeriod": 120,
        "ActionsSuppressorExtensionPeriod": 180,
    }
    state = ToldState("ALARM", "…", moment("2023-08-04T12:56:46.138"))
    previous = ToldState(
        "ALARM", "…", moment("2023-08-04T12:54:46.138"), None, "WaitPeriod", "Actions suppressed by WaitPeriod"
    )

    payload = function_payload(record, state, previous)

    assert payload["source"] == "aws.cloudwatch"
    assert payload["alarmArn"] == f"{ARN}CompositeDemo.Main"
    assert payload["accountId"] == "123456789012"
    assert payload["time"] == "2023-08-04T12:56:46.138+0000"
    assert payload["alarmData"]["previousState"]["actionsSuppressedBy"] == "WaitPeriod"
    assert payload["alarmData"]["previousState"]["actionsSuppressedReason"] == "Actions suppressed by WaitPeriod"
    assert payload["alarmData"]["configuration"] == {
        "alarmRule": "ALARM(CompositeDemo.FirstChild) OR ALARM(CompositeDemo.SecondChild)",
        "actionsSuppressor": "CompositeDemo.ActionsSuppressor",
        "actionsSuppressorWaitPeriod": 120,
        "actionsSuppressorExtensionPeriod": 180,
    }
