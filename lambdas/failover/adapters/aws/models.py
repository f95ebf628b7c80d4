"""Versions of models in S3, the regions' records in DynamoDB, and how models answer, in CloudWatch."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from failover.adapters.aws.clients import THROTTLES, client, code_of, unclear
from failover.errors import ManifestInvalidError, ModelsDeniedError, ModelsUnreachableError, StoreUnreachableError
from failover.model_versions import Answers, Published, RegionalModel
from failover.model_versions.places import file_key, latest_key, manifest_key, models_bucket, models_table
from failover.ports import Clock, QuorumStore
from failover.topology import Topology

COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
MISSING: Final = ("NoSuchKey", "404")
AWAY: Final = (*THROTTLES, "SlowDown", "NoSuchBucket", "ResourceNotFoundException")
MINUTE_SECONDS: Final = 60
SLOWNESS: Final = "p95"
REQUESTS, FAILURES, SECONDS, HEALTH, REFUSED = (
    "ModelRequests",
    "ModelFailures",
    "ModelSeconds",
    "ModelHealth",
    "ModelRefused",
)


class AwsModelShelf:
    """``ModelShelf``. A version is the commit of its repository that it was made from; what is another word is none."""

    def __init__(self, topology: Topology, sources: Mapping[str, str]) -> None:
        self._topology, self._sources = topology, sources
        self._read: dict[tuple[str, str], Published] = {}

    def published(self, model: str) -> Published | None:
        latest = self._object(model, latest_key(model))
        if latest is None:
            return None
        version = str(latest.get("version"))
        if not COMMIT.fullmatch(version):
            raise ManifestInvalidError(
                f"{latest_key(model)}: version {version!r}; write the whole hash of the commit that it was made from"
            )
        if (model, version) not in self._read:
            self._read[model, version] = self._manifest(model, version)
        return self._read[model, version]

    def has(self, region: str, keys: Iterable[str]) -> bool:
        wanted = set(keys)
        bucket, folder = models_bucket(self._topology, region), _folder(wanted)
        try:
            pages = client("s3", region).get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder)
            for page in pages:
                wanted -= {each["Key"] for each in page.get("Contents", ())}
        except Exception as exc:  # noqa: BLE001 - a region that does not answer has nothing yet, and is asked again
            _require_away(exc, f"{folder} in {region}")
            return False
        return not wanted

    def _manifest(self, model: str, version: str) -> Published:
        key = manifest_key(model, version)
        told = self._object(model, key)
        if told is None:
            raise ManifestInvalidError(f"{key} is not there; write it before {latest_key(model)}")
        variants = told.get("variants")
        if told.get("commit") != version or not isinstance(variants, dict) or not all(variants.values()):
            raise ManifestInvalidError(f"{key}: it needs commit {version} and variants, each with a list of files")
        files = {
            tier: tuple(file_key(model, version, tier, file) for file in listed) for tier, listed in variants.items()
        }
        return Published(version, files)

    def _object(self, model: str, key: str) -> dict[str, Any] | None:
        source = self._sources[model]
        try:
            found = client("s3", source).get_object(Bucket=models_bucket(self._topology, source), Key=key)
            told: dict[str, Any] = json.loads(found["Body"].read())
        except Exception as exc:
            if code_of(exc) in MISSING:
                return None
            raise ModelsUnreachableError(f"{key} in {source}: {code_of(exc)}") from exc
        return told


class AwsModelRecords:
    """``ModelRecords``: one item for each model, with plain attributes, since the application reads them."""

    def __init__(self, topology: Topology) -> None:
        self._table = models_table(topology)

    def read(self, region: str, model: str) -> RegionalModel | None:
        try:
            found = client("dynamodb", region).get_item(
                TableName=self._table, Key={"model": {"S": model}}, ConsistentRead=True
            )
        except Exception as exc:  # noqa: BLE001 - a region that does not answer is waited for
            _require_away(exc, f"{self._table} in {region}")
            return None
        item = found.get("Item", {})
        text = {key: value["S"] for key, value in item.items() if "S" in value}
        return RegionalModel(
            model=model,
            current=text.get("current"),
            previous=text.get("previous"),
            candidate=text.get("candidate"),
            share=int(item.get("share", {}).get("N", 0)),
            since=datetime.fromisoformat(text["since"]) if "since" in text else None,
            refused=tuple(each["S"] for each in item.get("refused", {}).get("L", ())),
            revision=int(item.get("revision", {}).get("N", 0)),
        )

    def write(self, region: str, record: RegionalModel) -> bool:
        since = record.since.isoformat() if record.since else None
        text = {
            "model": record.model,
            "current": record.current,
            "previous": record.previous,
            "candidate": record.candidate,
            "since": since,
        }
        item: dict[str, Any] = {key: {"S": value} for key, value in text.items() if value is not None}
        item |= {"share": {"N": str(record.share)}, "revision": {"N": str(record.revision)}}
        item["refused"] = {"L": [{"S": version} for version in record.refused]}
        try:
            client("dynamodb", region).put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression="attribute_not_exists(model) OR revision = :before",
                ExpressionAttributeValues={":before": {"N": str(record.revision - 1)}},
            )
        except Exception as exc:
            if code_of(exc) == "ConditionalCheckFailedException":
                return False
            raise ModelsUnreachableError(f"{self._table} in {region}: {code_of(exc)}") from exc
        return True


class AwsModelGauges:
    """``ModelGauges`` in the namespace of the product's own metrics, always in the region that they are about."""

    def __init__(self, topology: Topology, here: str, clock: Clock) -> None:
        self._namespace, self._here, self._clock = topology.name, here, clock

    def answers(self, region: str, model: str, version: str, seconds: int) -> Answers:
        now = self._clock.now().replace(second=0, microsecond=0)
        asked = [("requests", REQUESTS, "Sum"), ("failed", FAILURES, "Sum"), ("p95", SECONDS, SLOWNESS)]
        period = -(-seconds // MINUTE_SECONDS) * MINUTE_SECONDS
        dimensions = {"Region": region, "Model": model, "Version": version}
        try:
            found = client("cloudwatch", region).get_metric_data(
                StartTime=now - timedelta(seconds=period),
                EndTime=now,
                MetricDataQueries=[
                    {"Id": id, "MetricStat": {"Metric": self._metric(name, dimensions), "Period": period, "Stat": stat}}
                    for id, name, stat in asked
                ],
            )
        except Exception as exc:  # noqa: BLE001 - the unseen is judged neither good nor bad
            _require_away(exc, f"figures of {model} in {region}")
            return Answers()
        points = {each["Id"]: each["Values"] for each in found["MetricDataResults"]}
        p95 = max(points.get("p95", ()), default=None)
        return Answers(sum(points.get("requests", ())), sum(points.get("failed", ())), p95)

    def tell_health(self, region: str, variant: str | None, health: float) -> None:
        self._tell(HEALTH, health, {"Region": region, **({"Variant": variant} if variant else {})})

    def tell_refusal(self, model: str) -> None:
        self._tell(REFUSED, 1.0, {"Model": model})

    def _tell(self, name: str, value: float, dimensions: Mapping[str, str]) -> None:
        point = {**self._metric(name, dimensions), "Value": value}
        point.pop("Namespace")
        client("cloudwatch", self._here).put_metric_data(Namespace=self._namespace, MetricData=[point])

    def _metric(self, name: str, dimensions: Mapping[str, str]) -> dict[str, Any]:
        told = [{"Name": key, "Value": value} for key, value in dimensions.items()]
        return {"Namespace": self._namespace, "MetricName": name, "Dimensions": told}


def whether_held(store: QuorumStore) -> Callable[[], bool]:
    """Return what says whether an incident is open; a store that does not answer may have one."""

    def held() -> bool:
        try:
            return store.control().incident is not None
        except StoreUnreachableError:
            return True

    return held


def _require_away(exc: Exception, asked: str) -> None:
    """Raise if a region has answered and said no; one that does not answer, or is not deployed yet, is waited for."""
    if not (unclear(exc) or code_of(exc) in AWAY):
        raise ModelsDeniedError(f"{asked}: {code_of(exc)}") from exc


def _folder(keys: Iterable[str]) -> str:
    """Return the beginning that the keys of one variant share: model, version and variant."""
    return "/".join(next(iter(keys)).split("/")[:3]) + "/"
