"""The application's table of one region, on emulated DynamoDB: two regions' tables, and what travels between them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import boto3
import moto
import pytest

from failover.adapters.aws import clients
from failover.adapters.aws.last_write import LastWriteTable
from failover.errors import TableUnreachableError

US, EU = "us-east-1", "us-west-2"
NAME = "triage-state-us"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def aws() -> Iterator[None]:
    with moto.mock_aws():
        clients.client.cache_clear()
        for region in (US, EU):
            boto3.client("dynamodb", region_name=region).create_table(
                TableName=NAME,
                AttributeDefinitions=[
                    {"AttributeName": "message", "AttributeType": "S"},
                    {"AttributeName": "writer", "AttributeType": "S"},
                ],
                KeySchema=[
                    {"AttributeName": "message", "KeyType": "HASH"},
                    {"AttributeName": "writer", "KeyType": "RANGE"},
                ],
                BillingMode="PAY_PER_REQUEST",
            )
        yield
    clients.client.cache_clear()


def table(region: str) -> LastWriteTable:
    return LastWriteTable(NAME, region, partition_key="message", sort_key="writer")


def at(seconds: float) -> Callable[[], datetime]:
    return lambda: NOON + timedelta(seconds=seconds)


def to(value: Any) -> Callable[[Any], Any]:
    return lambda _: value


def travel(source: str, target: str) -> None:
    """What DynamoDB's replication does: each region's own items go to the other."""
    for item in boto3.resource("dynamodb", region_name=source).Table(NAME).scan()["Items"]:
        if item["writer"] == source:
            boto3.resource("dynamodb", region_name=target).Table(NAME).put_item(Item=item)


def values(key: str = "m1") -> set[Any]:
    return {told.value if (told := table(region).read(key)) else None for region in (US, EU)}


def test_two_regions_that_write_at_once_agree_on_the_later_one() -> None:
    table(US).change("m1", at(1), to("urgent"))
    table(EU).change("m1", at(2), to("spam"))
    travel(US, EU)
    travel(EU, US)
    assert values() == {"spam"}


def test_a_change_of_what_was_read_counts_though_its_clock_is_behind() -> None:
    table(US).change("m1", at(30), to(["seen"]))
    travel(US, EU)
    table(EU).change("m1", at(0), lambda before: [*before, "answered"])
    travel(EU, US)
    for region in (US, EU):
        told = table(region).read("m1")
        assert told
        assert told.value == ["seen", "answered"]


def test_what_is_gone_stays_gone() -> None:
    table(US).change("m1", at(1), to("urgent"))
    travel(US, EU)
    table(EU).change("m1", at(2), to(None))
    travel(EU, US)
    assert values() == {None}


def test_changes_of_one_region_at_once_are_all_made() -> None:
    table(US).change("m1", at(0), to(0))
    begin = Barrier(4)

    def count() -> None:
        begin.wait(timeout=5)
        table(US).change("m1", at(1), lambda before: before + 1)

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    told = table(US).read("m1")
    assert told
    assert told.value == 4


def test_a_table_that_does_not_answer_is_said_to() -> None:
    with pytest.raises(TableUnreachableError, match="ap-south-1"):
        table("ap-south-1").read("m1")
