"""EventBridge's own metric of a rule that fires, and events that a rule hands to another region's bus."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.twin.aws.conftest import ASIA, EU, ROLE, US, Client, Deploy
from tests.twin.aws.test_functions import eventually
from twin.aws import EmulatedAws
from twin.network import AddressPlan

ECHO = "import json\ndef handle(event, context):\n    print(json.dumps(event))\n"
HEALTH = {
    "source": "aws.health",
    "detail-type": "AWS Health Event",
    "detail": {"eventArn": "arn:aws:health:us-east-1::event/x/y/z", "eventRegion": US, "statusCode": "open"},
}


@pytest.fixture
def aws(plan: AddressPlan) -> Iterator[Any]:
    with EmulatedAws(plan, preload=(), first_firing_seconds=0.3) as running:
        yield running


def triggered(client: Client, region: str, rule: str) -> float:
    now = datetime.now(UTC)
    told = client("cloudwatch", region).get_metric_statistics(
        Namespace="AWS/Events",
        MetricName="TriggeredRules",
        Dimensions=[{"Name": "RuleName", "Value": rule}],
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in told["Datapoints"]))


def test_a_rule_that_fires_says_so(aws: EmulatedAws, client: Client) -> None:
    client("events", EU).put_rule(Name="tick", ScheduleExpression="rate(1 minute)")
    client("events", EU).put_rule(Name="off", ScheduleExpression="rate(1 minute)", State="DISABLED")
    eventually(lambda: triggered(client, EU, "tick") == 1)
    assert (triggered(client, EU, "off"), triggered(client, US, "tick")) == (0, 0)


def hand_over(client: Client, region: str, to: str) -> None:
    client("events", region).put_rule(Name="relay", EventPattern=json.dumps({"source": ["aws.health"]}))
    bus = f"arn:aws:events:{to}:111122223333:event-bus/default"
    client("events", region).put_targets(Rule="relay", Targets=[{"Id": "bus", "Arn": bus, "RoleArn": ROLE}])


def listen(client: Client, function: Deploy, region: str) -> str:
    name = function(ECHO, region)
    client("events", region).put_rule(Name="heard", EventPattern=json.dumps({"source": ["aws.health"]}))
    arn = f"arn:aws:lambda:{region}:111122223333:function:{name}"
    client("events", region).put_targets(Rule="heard", Targets=[{"Id": "function", "Arn": arn}])
    return str(name)


def heard(aws: EmulatedAws, region: str, name: str) -> list[Any]:
    return [json.loads(line.text) for line in aws.functions.log(region, name)]


def test_an_event_reaches_the_bus_of_another_region_whole(aws: EmulatedAws, client: Client, function: Deploy) -> None:
    hand_over(client, ASIA, EU)
    name = listen(client, function, EU)
    aws.put_aws_event(ASIA, HEALTH)
    (event,) = eventually(lambda: heard(aws, EU, name))
    assert {key: event[key] for key in HEALTH} == HEALTH


def test_a_lost_region_takes_none(aws: EmulatedAws, client: Client, function: Deploy) -> None:
    hand_over(client, ASIA, EU)
    name = listen(client, function, EU)
    aws.outages.region_down(EU)
    aws.put_aws_event(ASIA, HEALTH)
    aws.outages.region_up(EU)
    time.sleep(0.3)
    assert heard(aws, EU, name) == []
