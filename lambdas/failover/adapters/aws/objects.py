"""The replication rules of the regions' buckets."""

from typing import Any

from failover.adapters.aws.clients import client, code_of
from failover.regional_ports import Replication
from failover.topology import Names, Topology


class AwsObjects:
    """``ports.ObjectReplication`` on S3, always in the bucket's own region."""

    def __init__(self, topology: Topology) -> None:
        self._names, self._account = Names(topology), topology.account
        self._regions = {f"arn:aws:s3:::{self._names.bucket(region)}": region for region in topology.region_names}

    def describe(self, region: str) -> Replication:
        bucket = self._names.bucket(region)
        try:
            rules = client("s3", region).get_bucket_replication(Bucket=bucket, ExpectedBucketOwner=self._account)
        except Exception as exc:  # noqa: BLE001 - told, and nobody waits for it
            if code_of(exc) == "ReplicationConfigurationNotFoundError":
                return Replication()
            return Replication(failure=f"{bucket}: {code_of(exc)}")
        wanted = [each for each in rules["ReplicationConfiguration"]["Rules"] if _takes_everything(each)]
        destinations = [self._regions.get(each["Destination"]["Bucket"]) for each in wanted]
        return Replication(frozenset(each for each in destinations if each))


def _takes_everything(rule: dict[str, Any]) -> bool:
    """A rule that is disabled, or for some of the objects only, copies not what the next writer needs."""
    chosen = rule.get("Filter", {})
    some = chosen.get("Prefix") or chosen.get("Tag") or chosen.get("And") or rule.get("Prefix")
    return rule["Status"] == "Enabled" and not some
