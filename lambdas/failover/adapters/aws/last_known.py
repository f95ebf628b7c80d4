"""A control region's own copy of the evacuations, in a table of that region alone."""

import json
from collections.abc import Mapping
from typing import Any

from failover.adapters.aws.clients import client, code_of
from failover.errors import LocalTableUnreachableError

KEY = {"pk": {"S": "control"}, "sk": {"S": "evacuated"}}


class AwsLastKnown:
    """``ports.LastKnown``."""

    def __init__(self, table: str, region: str) -> None:
        self._table, self._region = table, region

    def remember(self, evacuated: Mapping[str, str]) -> None:
        item = {**KEY, "document": {"S": json.dumps(dict(evacuated), sort_keys=True)}}
        self._ask("put_item", Item=item)

    def evacuated(self) -> Mapping[str, str]:
        found = self._ask("get_item", Key=KEY, ConsistentRead=True)
        known: dict[str, str] = json.loads(found["Item"]["document"]["S"]) if "Item" in found else {}
        return known

    def _ask(self, call: str, **asked: Any) -> Any:
        try:
            return getattr(client("dynamodb", self._region, 0.4, 0.4), call)(TableName=self._table, **asked)
        except Exception as exc:
            raise LocalTableUnreachableError(f"{self._table} in {self._region}: {call}: {code_of(exc)}") from exc
