"""MiniStack's CloudWatch without a server, in virtual time: requests go to its own entry point."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from twin.aws.alarms import AlarmEvaluator

ACCOUNT = "111122223333"
HERE = "eu-west-1"
THERE = "us-east-1"
_OK = 200


class RequestError(Exception):
    """CloudWatch refused a request."""


@dataclass
class Cloud:
    """The clock, the regions that are down, and what alarms told."""

    # MiniStack forgets metrics by the real clock, so virtual time starts near it: at a full hour.
    now: float = field(default_factory=lambda: time.time() // 3600 * 3600)
    down: set[str] = field(default_factory=set)
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.evaluator = AlarmEvaluator(
            is_down=lambda region: region in self.down,
            put_aws_event=lambda region, event: self.events.append((region, event)),
            clock=lambda: self.now,
            ingestion_seconds=2.0,
        )

    def call(self, action: str, region: str = HERE, **members: Any) -> dict[str, Any]:
        """Make a request of CloudWatch in a region."""
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": f"GraniteServiceVersion20100801.{action}",
        }
        with request_scope(ACCOUNT, region):
            answer = cloudwatch.handle_request("POST", "/", headers, json.dumps(members).encode(), {})
            status, _, body = asyncio.run(answer)
        told: dict[str, Any] = json.loads(body)
        if status != _OK:
            raise RequestError(told["message"])
        return told

    def publish(self, value: float, subject: str = THERE, region: str = HERE, *, resolution: int = 1) -> None:
        """Publish, now, that a region is reachable (1) or not (0)."""
        datum = {
            "MetricName": "Reachable",
            "Dimensions": [{"Name": "Region", "Value": subject}],
            "Timestamp": self.now,
            "Value": value,
            "StorageResolution": resolution,
        }
        self.call("PutMetricData", region, Namespace="Lifeboat", MetricData=[datum])

    def run(self, seconds: float, value: float | None = None, **members: Any) -> None:
        """Let time pass second by second, publishing a value every five seconds."""
        for _ in range(int(seconds)):
            self.now += 1
            if value is not None and self.now % 5 == 0:
                self.publish(value, **members)
            self.evaluator.step()

    def alarm(self, name: str = "unreachable", region: str = HERE) -> dict[str, Any]:
        """Describe an alarm of either kind."""
        told = self.call("DescribeAlarms", region, AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        [alarm] = told["MetricAlarms"] + told["CompositeAlarms"]
        assert isinstance(alarm, dict)
        return alarm

    def state(self, name: str = "unreachable", region: str = HERE) -> str:
        """The state of an alarm."""
        return str(self.alarm(name, region)["StateValue"])

    def set_state(self, name: str, state: str, region: str = HERE) -> None:
        """Set an alarm's state by hand, and let it be told."""
        self.call("SetAlarmState", region, AlarmName=name, StateValue=state, StateReason="by hand")
        self.evaluator.step()

    def told(self, name: str = "unreachable") -> list[tuple[str, str]]:
        """The changes that events told of an alarm: from, to."""
        details = [event["detail"] for _, event in self.events]
        return [
            (detail["previousState"]["value"], detail["state"]["value"])
            for detail in details
            if detail["alarmName"] == name
        ]
