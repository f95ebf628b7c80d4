"""The adapters of ``roll_out_models`` on emulated S3, DynamoDB and CloudWatch, and a whole look through them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from failover.adapters.aws import models
from failover.adapters.aws.models import AwsModelGauges, AwsModelRecords, AwsModelShelf
from failover.adapters.memory.surroundings import ManualClock
from failover.errors import ManifestInvalidError, ModelsDeniedError
from failover.model_versions import Answers, RegionalModel, RolloutPorts, roll_out, tell_health
from failover.model_versions.places import models_table
from tests.contract.models_world import ONE, PLAN, TOPOLOGY, TWO, PresentClock, answered, make_places, publish, put
from tests.products import EU, US


class Refusing:
    """A client whose every call is refused."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __getattr__(self, name: str) -> Any:
        def refused(**_: object) -> None:
            raise ClientError({"Error": {"Code": self.code}}, name)

        return (lambda _: self) if name == "get_paginator" else refused


@pytest.fixture(autouse=True)
def places(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "SLOWNESS", "Maximum")  # moto has no percentiles
    make_places()


def ports(clock: ManualClock | None = None, here: str = US) -> RolloutPorts:
    clock = clock or PresentClock()
    return RolloutPorts(
        here,
        clock,
        AwsModelShelf(TOPOLOGY, {PLAN.name: PLAN.source}),
        AwsModelRecords(TOPOLOGY),
        AwsModelGauges(TOPOLOGY, here, clock),
        lambda: False,
    )


def test_nothing_is_published_before_latest_names_a_version() -> None:
    assert ports().shelf.published("ranking") is None


def test_a_version_is_a_commit_with_its_variants_files() -> None:
    publish(ONE)
    published = ports().shelf.published("ranking")
    assert published
    assert published.version == ONE
    assert published.of_tier("standard") == (f"ranking/{ONE}/standard/weights.bin", f"ranking/{ONE}/standard/words.txt")
    assert published.of_tier("small") == ()


@pytest.mark.parametrize(
    ("said", "word"),
    [({"commit": TWO}, "commit"), ({"variants": {}}, None), ({"variants": {"standard": []}}, "variants")],
)
def test_a_manifest_of_another_commit_or_without_files_is_refused(said: dict[str, Any], word: str | None) -> None:
    publish(ONE, **said)
    if word is None:
        published = ports().shelf.published("ranking")
        assert published
        assert published.of_tier("standard") == ()
        return
    with pytest.raises(ManifestInvalidError, match=word):
        ports().shelf.published("ranking")


def test_a_version_that_is_no_commit_is_refused() -> None:
    put(US, "ranking/latest.json", {"version": "v2"})
    with pytest.raises(ManifestInvalidError, match="whole hash"):
        ports().shelf.published("ranking")


def test_files_have_come_when_all_of_them_have() -> None:
    publish(ONE, regions=(US,))
    published = ports().shelf.published("ranking")
    assert published
    keys = published.of_tier("standard")
    assert ports().shelf.has(US, keys) is True
    put(EU, keys[0])
    assert ports().shelf.has(EU, keys) is False
    put(EU, keys[1])
    assert ports().shelf.has(EU, keys) is True


def test_a_record_is_read_as_it_was_written_and_written_over_its_own_revision_alone() -> None:
    records = AwsModelRecords(TOPOLOGY)
    empty = records.read(EU, "ranking")
    assert empty == RegionalModel("ranking")
    since = datetime(2026, 1, 1, 12, tzinfo=UTC)
    record = RegionalModel("ranking", ONE, None, TWO, 10, since, ("3" * 40,), 1)
    assert records.write(EU, record) is True
    assert records.read(EU, "ranking") == record
    assert records.write(EU, record) is False
    assert records.write(EU, replace(record, share=50, revision=2)) is True


def test_the_application_reads_plain_attributes() -> None:
    AwsModelRecords(TOPOLOGY).write(EU, RegionalModel("ranking", ONE, None, TWO, 10, None, (), 1))
    table = boto3.resource("dynamodb", region_name=EU).Table(models_table(TOPOLOGY))
    item = table.get_item(Key={"model": "ranking"})["Item"]
    assert (item["current"], item["candidate"], item["share"]) == (ONE, TWO, 10)


def test_a_region_that_cannot_be_asked_is_none_and_not_an_empty_record() -> None:
    assert AwsModelRecords(TOPOLOGY).read("ap-south-1", "ranking") is None


def test_a_region_that_says_no_is_not_taken_for_one_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    publish(ONE)
    refusing = Refusing("AccessDeniedException")
    monkeypatch.setattr(models, "client", lambda *_: refusing)
    world = ports()
    asked: tuple[Callable[[], object], ...] = (
        lambda: world.records.read(EU, "ranking"),
        lambda: world.shelf.has(EU, ["ranking/1/standard/words.txt"]),
        lambda: world.gauges.answers(EU, "ranking", ONE, 60),
    )
    for ask in asked:
        with pytest.raises(ModelsDeniedError, match="AccessDeniedException"):
            ask()
    refusing.code = "ThrottlingException"
    assert [ask() for ask in asked] == [None, False, Answers()]


def test_a_whole_look_tries_a_version_and_takes_a_bad_one_back() -> None:
    publish(ONE)
    clock = PresentClock()
    world = ports(clock)
    assert roll_out(world, PLAN).rule == "M250"
    for region in PLAN.order:
        AwsModelRecords(TOPOLOGY).write(region, RegionalModel("ranking", ONE, revision=2 if region == EU else 1))
    publish(TWO)
    answered(EU, ONE, requests=900)
    assert roll_out(world, PLAN).rule == "M260"
    record = AwsModelRecords(TOPOLOGY).read(EU, "ranking")
    assert record
    assert (record.current, record.candidate, record.share) == (ONE, TWO, 10)
    answered(EU, TWO, requests=100, failed=20)
    clock.sleep(60)
    assert roll_out(world, PLAN).rule == "M120"
    record = AwsModelRecords(TOPOLOGY).read(EU, "ranking")
    assert record
    assert (record.current, record.candidate, record.refused) == (ONE, None, (TWO,))


def test_a_region_tells_its_health_where_routing_looks_for_it() -> None:
    AwsModelRecords(TOPOLOGY).write(EU, RegionalModel("ranking", ONE, revision=1))
    answered(EU, ONE, requests=100, failed=25)
    assert tell_health(ports(here=EU), [PLAN]) == pytest.approx(0.75)
    told = boto3.client("cloudwatch", region_name=EU).list_metrics(Namespace=TOPOLOGY.name, MetricName="ModelHealth")
    said = [{each["Name"]: each["Value"] for each in metric["Dimensions"]} for metric in told["Metrics"]]
    assert {"Region": EU} in said
    assert {"Region": EU, "Variant": "candidate"} in said
