"""The journal as it is in the quorum store, and what is kept of it in a locked bucket."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from failover.adapters.aws.clients import client, code_of
from failover.adapters.aws.store import PARTITIONS
from failover.errors import ArchiveNotKeptError, StoreUnreachableError
from failover.procedures.journal_keeping import JournalLine
from failover.records import JournalEntry

PREFIX: Final = "journal/"

FIRST: Final = " "
"""Before the name of every line: a sort key may not be empty."""


class AwsJournalSource:
    """``JournalSource`` over the quorum table's replicas, in order; the lines as they are, not as records."""

    def __init__(self, table: str, regions: Sequence[str]) -> None:
        self._table, self._regions = table, regions

    def lines(self, after: str) -> Sequence[JournalLine]:
        failures = []
        for region in self._regions:
            try:
                return [_line(item) for item in self._items(region, after)]
            except Exception as exc:  # noqa: BLE001 - the next replica is asked, and all failures are told
                failures.append(f"{region}: {code_of(exc)}")
        raise StoreUnreachableError(f"no replica of {self._table} answered ({'; '.join(failures)})")

    def _items(self, region: str, after: str) -> Iterator[dict[str, Any]]:
        pages = client("dynamodb", region).get_paginator("query")
        asked = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk AND sk > :after",
            "ExpressionAttributeValues": {":pk": {"S": PARTITIONS[JournalEntry]}, ":after": {"S": after or FIRST}},
            "ConsistentRead": True,
        }
        for page in pages.paginate(**asked):
            yield from page["Items"]


class AwsJournalShelf:
    """``JournalShelf`` on S3; whoever holds the bucket's lock, and not this class, keeps the objects."""

    def __init__(self, bucket: str, region: str) -> None:
        self._bucket, self._region = bucket, region

    def kept(self, after: str) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        asked = {"Bucket": self._bucket, "Prefix": PREFIX, "StartAfter": PREFIX + after}
        try:
            for page in client("s3", self._region, 15.0).get_paginator("list_objects_v2").paginate(**asked):
                for each in page.get("Contents", ()):
                    name, _, file = each["Key"].removeprefix(PREFIX).rpartition("/")
                    found[name].add(file.removesuffix(".json"))
        except Exception as exc:
            raise ArchiveNotKeptError(f"s3://{self._bucket} cannot be listed: {code_of(exc)}") from exc
        return {name: frozenset(digests) for name, digests in found.items()}

    def keep(self, line: JournalLine) -> None:
        key = f"{PREFIX}{line.name}/{line.digest}.json"
        try:
            client("s3", self._region, 15.0).put_object(
                Bucket=self._bucket,
                Key=key,
                Body=line.text.encode(),
                ContentType="application/json",
                ChecksumAlgorithm="SHA256",
            )
        except Exception as exc:
            raise ArchiveNotKeptError(f"s3://{self._bucket}/{key} was not written: {code_of(exc)}") from exc


def _line(item: Mapping[str, Any]) -> JournalLine:
    told = {name: next(iter(value.values())) for name, value in item.items()}
    return JournalLine(told["sk"], json.dumps(told, sort_keys=True))
