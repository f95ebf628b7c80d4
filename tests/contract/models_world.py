"""Two emulated regions with a bucket of versions and a table of records each, for tests of models."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

from failover.adapters.memory.surroundings import ManualClock
from failover.model_versions import ModelPlan
from failover.model_versions.places import models_bucket, models_table
from tests.products import EU, US, quickstart

TOPOLOGY = quickstart()
PLAN = ModelPlan("ranking", US, (EU, US), (10, 50), 1800, 300, 0.99, 50, 0.5)
ONE, TWO = "1" * 40, "2" * 40


class PresentClock(ManualClock):
    """Emulated CloudWatch keeps points by the machine's own time."""

    def __init__(self) -> None:
        super().__init__()
        self._began = datetime.now(UTC)

    def now(self) -> datetime:
        return self._began + timedelta(seconds=self.elapsed())


def make_places() -> None:
    for region in (EU, US):
        place = {} if region == US else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        boto3.client("s3", region_name=region).create_bucket(Bucket=models_bucket(TOPOLOGY, region), **place)
        boto3.client("dynamodb", region_name=region).create_table(
            TableName=models_table(TOPOLOGY),
            AttributeDefinitions=[{"AttributeName": "model", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "model", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )


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
