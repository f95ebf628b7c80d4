"""Weights of Route 53's records, and what regions say of their last minutes in CloudWatch."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, Final

from failover.adapters.aws.clients import client, code_of
from failover.decision.weights import Minute
from failover.errors import RecordsUnreachableError
from failover.ports import Clock
from failover.ports.steering import Steering
from failover.topology import Names

API_REGION: Final = "us-east-1"
"""Where Route 53's API is, and nowhere else."""

KIND: Final = "CNAME"
PERIOD_SECONDS: Final = 60
STATISTICS: Final = {"processed": "Sum", "routed": "Sum", "failed": "Sum", "model_health": "Minimum"}


class AwsRouteWeights:
    """``ports.RouteWeights`` on the records of one hosted zone."""

    def __init__(self, names: Names, zone_id: str) -> None:
        self._names, self._zone_id = names, zone_id

    def read(self, route: str, regions: Sequence[str]) -> Mapping[str, int]:
        found = {each["SetIdentifier"]: int(each["Weight"]) for each in self._records(route) if "Weight" in each}
        missing = set(regions) - set(found)
        if missing:
            raise RecordsUnreachableError(f"{self._names.route(route)} has no weight for {', '.join(sorted(missing))}")
        return {region: found[region] for region in regions}

    def write(self, route: str, weights: Mapping[str, int]) -> None:
        changes = [
            {"Action": "UPSERT", "ResourceRecordSet": {**record, "Weight": weights[record["SetIdentifier"]]}}
            for record in self._records(route)
            if record.get("SetIdentifier") in weights
        ]
        batch = {"Comment": "Lifeboat: by what the regions can take", "Changes": changes}
        try:
            self._api.change_resource_record_sets(HostedZoneId=self._zone_id, ChangeBatch=batch)
        except Exception as exc:
            raise RecordsUnreachableError(f"weights of {self._names.route(route)} not taken: {code_of(exc)}") from exc

    def _records(self, route: str) -> list[dict[str, Any]]:
        name = f"{self._names.route(route)}."
        try:
            answer = self._api.list_resource_record_sets(
                HostedZoneId=self._zone_id, StartRecordName=name, StartRecordType=KIND
            )
        except Exception as exc:
            raise RecordsUnreachableError(f"records of {name} not read: {code_of(exc)}") from exc
        return [each for each in answer["ResourceRecordSets"] if (each["Name"], each["Type"]) == (name, KIND)]

    @property
    def _api(self) -> Any:
        return client("route53", API_REGION)


class AwsRegionMinutes:
    """``ports.RegionMinutes`` on CloudWatch, each region asked in itself."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def of(self, steering: Steering) -> Mapping[str, tuple[Minute, ...]]:
        for region in steering.regions:  # boto3 makes clients in one thread at a time only
            client("cloudwatch", region)
        # The minute that has not ended is nobody's yet.
        until = self._clock.now().replace(second=0, microsecond=0)
        with ThreadPoolExecutor(len(steering.regions)) as threads:
            said = threads.map(lambda region: _said(steering, region, until), steering.regions)
            return dict(zip(steering.regions, said, strict=True))


def _said(steering: Steering, region: str, until: datetime) -> tuple[Minute, ...]:
    metrics = {each: getattr(steering, each) for each in STATISTICS if getattr(steering, each)}
    try:
        answer = client("cloudwatch", region).get_metric_data(
            StartTime=until - timedelta(minutes=steering.window_minutes),
            EndTime=until,
            ScanBy="TimestampAscending",
            MetricDataQueries=[_query(steering, region, each, metric) for each, metric in metrics.items()],
        )
    except Exception:  # noqa: BLE001 - whatever it is, the region has said nothing
        return ()
    told: dict[datetime, dict[str, float]] = {}
    for result in answer["MetricDataResults"]:
        for at, value in zip(result["Timestamps"], result["Values"], strict=True):
            told.setdefault(at, {})[result["Id"]] = value
    return tuple(Minute(**told[at]) for at in sorted(told))


def _query(steering: Steering, region: str, id: str, metric: str) -> dict[str, Any]:
    about = {
        "Namespace": steering.namespace,
        "MetricName": metric,
        "Dimensions": [{"Name": "Region", "Value": region}],
    }
    return {"Id": id, "MetricStat": {"Metric": about, "Period": PERIOD_SECONDS, "Stat": STATISTICS[id]}}
