"""The adapters of ``roll_out_models`` on emulated S3, DynamoDB and CloudWatch, and the whole look through them."""

import importlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import moto
import pytest

from failover.adapters.aws import AwsStore, clients, models
from failover.adapters.aws.models import AwsModelGauges, AwsModelRecords, AwsModelShelf
from failover.adapters.memory.surroundings import ManualClock
from failover.environments import RollOutModelsEnvironment
from failover.errors import ManifestInvalidError
from failover.model_versions import ModelPlan, RegionalModel, RolloutPorts, roll_out, tell_health
from failover.model_versions.places import models_bucket, models_table
from failover.plain import as_plain
from failover.records import Incident, IncidentState
from runtime import wiring
from tests.contract.conftest import TABLE, make_table
from tests.products import EU, QUORUM, US, quickstart
from tests.unit.runtime.functions import context

TOPOLOGY = quickstart()
PLAN = ModelPlan("ranking", US, (EU, US), (10, 50), 1800, 300, 0.99, 50, 0.5)
ONE, TWO = "1" * 40, "2" * 40
INCIDENT = Incident(
    "i-1", US, EU, 1, IncidentState.OPEN, "R330", "down", datetime(2026, 1, 1, tzinfo=UTC), "digest", ()
)


class PresentClock(ManualClock):
    """Emulated CloudWatch keeps points by the machine's own time."""

    def __init__(self) -> None:
        super().__init__()
        self._began = datetime.now(UTC)

    def now(self) -> datetime:
        return self._began + timedelta(seconds=self.elapsed())


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(models, "SLOWNESS", "Maximum")  # moto has no percentiles
    with moto.mock_aws():
        clients.client.cache_clear()
        for region in (EU, US):
            place = {} if region == US else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            boto3.client("s3", region_name=region).create_bucket(Bucket=models_bucket(TOPOLOGY, region), **place)
            boto3.client("dynamodb", region_name=region).create_table(
                TableName=models_table(TOPOLOGY),
                AttributeDefinitions=[{"AttributeName": "model", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "model", "KeyType": "HASH"}],
                BillingMode="PAY_PER_REQUEST",
            )
        yield
    clients.client.cache_clear()


def put(region: str, key: str, value: Any = "weights") -> None:
    body = value if isinstance(value, str) else json.dumps(value)
    boto3.client("s3", region_name=region).put_object(Bucket=models_bucket(TOPOLOGY, region), Key=key, Body=body)


def publish(version: str, regions: tuple[str, ...] = (US, EU), **changes: Any) -> None:
    manifest = {"commit": version, "variants": {"standard": ["weights.bin", "words.txt"]}, **changes}
    for region in regions:
        for file in ("weights.bin", "words.txt"):
            put(region, f"ranking/{version}/standard/{file}")
    put(US, f"ranking/{version}/manifest.json", manifest)
    put(US, "ranking/latest.json", {"version": version})


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


def answered(region: str, version: str, *, requests: int, failed: int = 0) -> None:
    dimensions = [
        {"Name": name, "Value": value}
        for name, value in (("Region", region), ("Model", "ranking"), ("Version", version))
    ]
    at = datetime.now(UTC) - timedelta(seconds=90)
    points = [
        {"MetricName": name, "Dimensions": dimensions, "Value": value, "Timestamp": at}
        for name, value in (("ModelRequests", requests), ("ModelFailures", failed), ("ModelSeconds", 0.1))
    ]
    boto3.client("cloudwatch", region_name=region).put_metric_data(Namespace=TOPOLOGY.name, MetricData=points)


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


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The function as its stack deploys it to the region of publication, on a quorum store without an incident."""
    make_table(QUORUM[0])
    told = RollOutModelsEnvironment(
        quorum_table=TABLE, quorum_regions=QUORUM[:1], models={PLAN.name: as_plain(PLAN)}
    ).as_variables()
    for name, value in {**told, "AWS_REGION": US}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(wiring, "topology", quickstart)
    monkeypatch.setattr(AwsStore, "require_strong", lambda _: None)
    for made in (wiring.here, wiring.ports, wiring.models):
        made.cache_clear()
    yield importlib.import_module("roll_out_models.handler").handle
    for made in (wiring.here, wiring.ports, wiring.models):
        made.cache_clear()


def test_the_function_takes_a_published_version_whatever_woke_it(deployed: Any) -> None:
    publish(ONE)
    assert deployed({"detail": {"object": {"key": "something/else"}}}, context()) == {"ranking": "M250"}
    record = AwsModelRecords(TOPOLOGY).read(EU, "ranking")
    assert record
    assert record.current == ONE


def test_the_function_holds_while_an_incident_is_open(deployed: Any) -> None:
    publish(ONE)
    store = wiring.ports().store
    seen = store.control()
    store.change_control(seen, replace(seen, incident=INCIDENT))
    assert deployed({}, context()) == {"ranking": "M140"}
