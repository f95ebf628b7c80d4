"""A control region's own copy of the evacuations, in a table of that region alone."""

import json
from collections.abc import Mapping

from failover.adapters.aws.clients import client

KEY = {"pk": {"S": "control"}, "sk": {"S": "evacuated"}}


class AwsLastKnown:
    """``ports.LastKnown``."""

    def __init__(self, table: str, region: str) -> None:
        self._table, self._region = table, region

    def remember(self, evacuated: Mapping[str, str]) -> None:
        item = {**KEY, "document": {"S": json.dumps(dict(evacuated), sort_keys=True)}}
        client("dynamodb", self._region, 1.0).put_item(TableName=self._table, Item=item)

    def evacuated(self) -> Mapping[str, str]:
        found = client("dynamodb", self._region, 1.0).get_item(TableName=self._table, Key=KEY, ConsistentRead=True)
        known: dict[str, str] = json.loads(found["Item"]["document"]["S"]) if "Item" in found else {}
        return known
