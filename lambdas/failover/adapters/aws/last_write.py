"""A declared table with ``conflict: timestamp``, as the application of one region reads and writes it."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from failover.adapters.aws.clients import client, code_of
from failover.errors import TableUnreachableError
from failover.last_write import Stamp, Written, latest, next_stamp

MOST_TRIES: Final = 8


class LastWriteTable:
    """Things by a key; ``writer`` is this region, whose items it alone writes."""

    def __init__(self, table: str, writer: str, *, partition_key: str, sort_key: str) -> None:
        self._table, self._writer = table, writer
        self._partition_key, self._sort_key = partition_key, sort_key

    def read(self, key: str) -> Written | None:
        """Return what counts of all that has come to this region; gone is None as value, never written is None."""
        return latest(self._items(key))

    def change(self, key: str, now: Callable[[], datetime], to: Callable[[Any], Any]) -> Written:
        """Write what ``to`` makes of the value that counts here, later than it; returns what was written.

        Others of this region may write at the same time: of their writes to the region's one item each succeeds only
        over the one that it has read, so that no change is lost among them.

        Raises:
            TableUnreachableError: the table did not answer, or others were quicker all the time.
            ClockAheadError: a clock is wrong.
        """
        for _ in range(MOST_TRIES):
            items = self._items(key)
            read, own = latest(items), next((each for each in items if each.stamp.writer == self._writer), None)
            stamp = next_stamp(self._writer, now(), read)
            wanted = Written(stamp, to(read.value if read else None))
            if self._put(key, wanted, over=own):
                return wanted
        raise TableUnreachableError(f"{self._table}: {key} was changed by others {MOST_TRIES} times; try again")

    def _items(self, key: str) -> list[Written]:
        try:
            found = client("dynamodb", self._writer).query(
                TableName=self._table,
                KeyConditionExpression="#key = :key",
                ExpressionAttributeNames={"#key": self._partition_key},
                ExpressionAttributeValues={":key": {"S": key}},
                ConsistentRead=True,
            )
        except Exception as exc:
            raise TableUnreachableError(f"{self._table} in {self._writer}: {code_of(exc)}") from exc
        return [Written(Stamp.parse(item["stamp"]["S"]), json.loads(item["value"]["S"])) for item in found["Items"]]

    def _put(self, key: str, written: Written, *, over: Written | None) -> bool:
        item = {
            self._partition_key: {"S": key},
            self._sort_key: {"S": self._writer},
            "stamp": {"S": str(written.stamp)},
            "value": {"S": json.dumps(written.value, sort_keys=True)},
        }
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(#stamp)"}
        if over is not None:
            condition = {
                "ConditionExpression": "#stamp = :over",
                "ExpressionAttributeValues": {":over": {"S": str(over.stamp)}},
            }
        names = {"#stamp": "stamp"}
        try:
            client("dynamodb", self._writer).put_item(
                TableName=self._table, Item=item, ExpressionAttributeNames=names, **condition
            )
        except Exception as exc:
            if code_of(exc) == "ConditionalCheckFailedException":
                return False
            raise TableUnreachableError(f"{self._table} in {self._writer}: {code_of(exc)}") from exc
        return True
