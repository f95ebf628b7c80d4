from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.twin.aws.conftest import ASIA, EU, ROLE, US, Client, Deploy
from tests.twin.aws.test_functions import eventually
from twin.aws import EmulatedAws
from twin.aws.events import Spoiling
from twin.aws.events.schedule import next_firing
from twin.network import AddressPlan

CREATED = 1_000_000.0
ECHO = "import json\ndef handle(event, context):\n    print(json.dumps(event))\n"
ALARM = {
    "source": "aws.cloudwatch",
    "detail-type": "CloudWatch Alarm State Change",
    "time": "2026-01-01T00:00:00Z",
    "resources": ["arn:aws:cloudwatch:eu-west-1:111122223333:alarm:lost"],
    "detail": {"alarmName": "lost", "state": {"value": "ALARM"}},
}


@pytest.fixture
def aws(plan: AddressPlan) -> Iterator[Any]:
    with EmulatedAws(plan, preload=(), first_firing_seconds=0.5) as running:
        yield running


@pytest.mark.parametrize(
    ("after", "first_seconds", "expected"),
    [
        (CREATED, None, CREATED + 60),
        (CREATED + 60, None, CREATED + 120),
        (CREATED + 61, None, CREATED + 120),
        (CREATED, 5, CREATED + 5),
        (CREATED + 5, 5, CREATED + 65),
        (CREATED + 3600.5, 5, CREATED + 3605),
    ],
)
def test_a_rate_counts_from_the_rules_creation(after: Any, first_seconds: Any, expected: Any) -> None:
    told = next_firing("rate(1 minute)", after=after, created=CREATED, first_seconds=first_seconds)
    assert told == expected


def test_cron_fires_on_the_minute() -> None:
    at = next_firing("cron(* * * * ? *)", after=CREATED, created=CREATED, first_seconds=None)
    assert at is not None
    assert 0 < at - CREATED <= 60
    assert at % 60 == 0


def rule(client: Client, function: Deploy, region: str, **told: Any) -> Any:
    name = function(ECHO, region)
    client("events", region).put_rule(Name="rule", **told)
    arn = f"arn:aws:lambda:{region}:111122223333:function:{name}"
    client("events", region).put_targets(Rule="rule", Targets=[{"Id": "function", "Arn": arn}])
    return name


def received(aws: EmulatedAws, region: str, name: str) -> Any:
    return [json.loads(line.text) for line in aws.functions.log(region, name)]


def test_a_scheduled_rule_fires_when_it_should(aws: EmulatedAws, client: Client, function: Deploy) -> None:
    begun = time.time()
    name = rule(client, function, EU, ScheduleExpression="rate(1 minute)")
    (event,) = eventually(lambda: received(aws, EU, name))
    assert 0.4 < time.time() - begun < 1.5
    assert event["source"] == "aws.events"
    assert event["resources"] == [f"arn:aws:events:{EU}:111122223333:rule/rule"]


def test_a_lost_region_fires_nothing_and_takes_no_event(aws: EmulatedAws, client: Client, function: Deploy) -> None:
    name = rule(
        client,
        function,
        EU,
        ScheduleExpression="rate(1 minute)",
        EventPattern=json.dumps({"source": ["aws.cloudwatch"]}),
    )
    aws.outages.region_down(EU)
    aws.put_aws_event(EU, ALARM)
    time.sleep(0.9)
    aws.outages.region_up(EU)
    time.sleep(0.2)
    assert received(aws, EU, name) == []
    aws.put_aws_event(EU, ALARM)
    assert len(eventually(lambda: received(aws, EU, name))) == 1


def test_an_event_of_awss_own_reaches_the_rules_of_its_region_whole(
    aws: EmulatedAws, client: Client, function: Deploy
) -> None:
    names = {
        region: rule(client, function, region, EventPattern=json.dumps({"source": ["aws.cloudwatch"]}))
        for region in (US, EU)
    }
    aws.put_aws_event(EU, ALARM)
    (event,) = eventually(lambda: received(aws, EU, names[EU]))
    assert {name: event[name] for name in ALARM} == ALARM
    assert (event["region"], event["account"]) == (EU, aws.account)
    assert received(aws, US, names[US]) == []


def test_nobody_else_may_send_one(client: Client) -> None:
    entry = {"Source": "aws.cloudwatch", "DetailType": "any", "Detail": "{}"}
    answer = client("events", ASIA).put_events(Entries=[entry])
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"


def test_a_rule_starts_a_state_machine(aws: EmulatedAws, client: Client) -> None:
    machines = client("stepfunctions", EU)
    definition = {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "End": True}}}
    arn = machines.create_state_machine(name="machine", definition=json.dumps(definition), roleArn=ROLE)[
        "stateMachineArn"
    ]
    client("events", EU).put_rule(Name="rule", EventPattern=json.dumps({"source": ["aws.cloudwatch"]}))
    client("events", EU).put_targets(Rule="rule", Targets=[{"Id": "machine", "Arn": arn, "RoleArn": ROLE}])
    aws.put_aws_event(EU, ALARM)
    (execution,) = eventually(lambda: machines.list_executions(stateMachineArn=arn)["executions"])
    told = machines.describe_execution(executionArn=execution["executionArn"])
    assert json.loads(told["input"])["detail"] == ALARM["detail"]


def test_a_rule_whose_schedule_makes_no_sense_is_refused(client: Client) -> None:
    with pytest.raises(ClientError, match="ScheduleExpression"):
        client("events").put_rule(Name="rule", ScheduleExpression="rate(1 fortnight)")


def test_a_rule_switched_on_again_makes_nothing_up(aws: EmulatedAws, client: Client, function: Deploy) -> None:
    name = rule(client, function, EU, ScheduleExpression="rate(1 minute)", State="DISABLED")
    time.sleep(0.8)
    client("events", EU).enable_rule(Name="rule")
    time.sleep(0.3)
    assert received(aws, EU, name) == []


SENT = {"Source": "product", "DetailType": "Told", "Detail": "{}"}


def send(client: Client, *details: int) -> None:
    """Send events one after the other, as a function of the region."""
    for number in details:
        client("events", EU).put_events(Entries=[{**SENT, "Detail": json.dumps({"number": number})}])


def numbers(aws: EmulatedAws, name: str) -> list[int]:
    """What a function received, in the order in which it began to say so."""
    lines = [(line.text, line) for line in aws.functions.log(EU, name)]
    return [json.loads(text)["detail"]["number"] for text, _ in lines]


def test_a_duplicated_event_comes_again_later(aws: EmulatedAws, client: Client, function: Deploy) -> None:
    name = rule(client, function, EU, EventPattern=json.dumps({"source": ["product"]}))
    aws.events.spoiler.spoil(Spoiling.DUPLICATED, 0.6, EU)
    send(client, 1)
    assert eventually(lambda: numbers(aws, name)) == [1]
    eventually(lambda: numbers(aws, name) == [1, 1])


def test_a_delayed_event_comes_late_and_once(aws: EmulatedAws, client: Client, function: Deploy) -> None:
    name = rule(client, function, EU, EventPattern=json.dumps({"source": ["product"]}))
    aws.events.spoiler.spoil(Spoiling.DELAYED, 0.8)
    send(client, 1)
    aws.events.spoiler.mend()
    time.sleep(0.5)
    assert numbers(aws, name) == []
    assert eventually(lambda: numbers(aws, name)) == [1]


def test_reordered_events_come_newest_first(aws: EmulatedAws, monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    delivered: list[str] = []
    monkeypatch.setattr(aws.events.spoiler, "_deliver", lambda event: delivered.append(event["Detail"]))
    aws.events.spoiler.spoil(Spoiling.REORDERED, 0.4, EU)
    send(client, 1, 2, 3)
    assert delivered == []
    eventually(lambda: delivered)
    assert [json.loads(each)["number"] for each in delivered] == [3, 2, 1]


def test_stale_events_come_again_with_the_time_of_long_ago(aws: EmulatedAws, client: Client, function: Deploy) -> None:
    send(client, 1, 2)
    name = rule(client, function, EU, EventPattern=json.dumps({"source": ["product"]}))
    aws.events.redeliver(7200.0, EU)
    eventually(lambda: len(numbers(aws, name)) == 2)
    told = received(aws, EU, name)
    assert {each["time"] < time.strftime("%Y-%m-%dT%H", time.gmtime(time.time() - 3000)) for each in told} == {True}
