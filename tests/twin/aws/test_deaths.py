"""Functions that die in the midst of a run, answers that come late, and calls that are throttled by chance."""

from __future__ import annotations

import time

import pytest
from botocore.exceptions import ClientError

from tests.twin.aws.conftest import EU, US, Client, Deploy
from tests.twin.aws.test_functions import eventually
from tests.twin.aws.test_machines import Machine, one, task
from tests.twin.aws.test_outages import make_table
from twin.aws import EmulatedAws
from twin.network.slowness import Slowness

WRITES = """
import boto3
def handle(event, context):
    table = boto3.client("dynamodb")
    table.get_item(TableName="items", Key={"id": {"S": "seen"}})
    table.put_item(TableName="items", Item={"id": {"S": "first"}})
    table.put_item(TableName="items", Item={"id": {"S": "second"}})
    return "done"
"""
RETRIED = [{"ErrorEquals": ["Runtime.ExitError"], "IntervalSeconds": 1, "MaxAttempts": 1}]


def ids(client: Client) -> set[str]:
    return {item["id"]["S"] for item in client("dynamodb").scan(TableName="items")["Items"]}


def test_a_function_dies_when_its_first_write_has_happened(aws: EmulatedAws, client: Client, function: Deploy) -> None:
    make_table(client, US)
    name = function(WRITES, Timeout=20)
    aws.functions.deaths.let_die(name, region=US)
    told = Machine(client, one(task(name))).run({})
    assert (told["status"], told["error"]) == ("FAILED", "Runtime.ExitError")
    assert ids(client) == {"first"}


def test_it_dies_as_often_as_it_is_told_and_no_more(aws: EmulatedAws, client: Client, function: Deploy) -> None:
    make_table(client, US)
    name = function(WRITES, Timeout=20)
    aws.functions.deaths.let_die(name, times=1)
    assert Machine(client, one(task(name, Retry=RETRIED))).output({}) == "done"
    assert ids(client) == {"first", "second"}


def test_a_function_that_writes_nothing_dies_before_it_answers(
    aws: EmulatedAws, client: Client, function: Deploy
) -> None:
    name = function("def handle(event, context):\n    print('ran')\n")
    machine = Machine(client, one(task(name)))
    aws.functions.deaths.let_die(name)
    assert machine.run({})["error"] == "Runtime.ExitError"
    assert [line.text for line in aws.functions.log(US, name)] == ["ran"]
    aws.functions.deaths.let_die(name)
    aws.functions.deaths.spare(name)
    assert machine.run({})["status"] == "SUCCEEDED"


def test_a_frozen_function_goes_on_where_it_stood(aws: EmulatedAws, client: Client, function: Deploy) -> None:
    source = """
    import time
    def handle(event, context):
        for number in range(10):
            print(number)
            time.sleep(0.1)
    """
    name = function(source, Timeout=20)
    machine = Machine(client, one(task(name)))
    arn = machine.start({})
    eventually(lambda: len(aws.functions.log(US, name)) >= 3)
    aws.functions.freeze_function(US, name)
    time.sleep(0.2)
    seen = len(aws.functions.log(US, name))
    time.sleep(0.6)
    assert len(aws.functions.log(US, name)) == seen < 10
    aws.functions.thaw_function(US, name)
    assert machine.ended(arn)["status"] == "SUCCEEDED"
    assert [line.text for line in aws.functions.log(US, name)] == [str(number) for number in range(10)]


def test_slowness_grows_to_its_end() -> None:
    slow = Slowness(4.0, since=100.0, grows=10.0)
    assert [slow.at(now) for now in (100.0, 105.0, 110.0, 500.0)] == [0.0, 2.0, 4.0, 4.0]
    assert Slowness(4.0, since=100.0).at(100.0) == 4.0


def test_a_regions_calls_are_answered_late_and_the_operators_are_not(aws: EmulatedAws, client: Client) -> None:
    aws.outages.slow(EU, 0.4)

    def took(region: str, source: str | None) -> float:
        begun = time.monotonic()
        client("sts", region, source=source).get_caller_identity()
        return time.monotonic() - begun

    assert took(EU, US) >= 0.4
    assert took(EU, None) < 0.3
    assert took(US, EU) < 0.3
    aws.outages.quick(EU)
    assert took(EU, US) < 0.3


def test_a_share_of_the_calls_is_throttled(aws: EmulatedAws, client: Client) -> None:
    aws.outages.throttle("sts", EU, 0.5)
    asked = client("sts", EU, source=US)

    def refused() -> bool:
        try:
            asked.get_caller_identity()
        except ClientError as exc:
            assert exc.response["Error"]["Code"] == "ThrottlingException"
            return True
        return False

    assert 20 <= sum(refused() for _ in range(60)) <= 40
    aws.outages.service_up("sts", EU)
    assert not any(refused() for _ in range(5))


@pytest.mark.parametrize("share", [0.2, 1.0])
def test_what_is_throttled_can_be_let_go_again(aws: EmulatedAws, client: Client, share: float) -> None:
    aws.outages.throttle("sts", share=share)
    aws.outages.service_up("sts")
    for _ in range(10):
        client("sts", EU, source=US).get_caller_identity()
