"""The quorum store on a DynamoDB global table with multi-region strong consistency: how a replica is spoken to."""

import json
import uuid
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar, cast

from failover.adapters.aws.clients import client, code_of, refused, unclear
from failover.adapters.aws.consistency import require_strong
from failover.adapters.replicated import (
    STEADY,
    Condition,
    ConflictError,
    Item,
    NoAnswerError,
    NoneNewer,
    Patience,
    Record,
    ReplicatedStore,
    StillSeen,
    TurnedAwayError,
)
from failover.plain import as_plain, from_plain
from failover.records import Control, DatabaseRecord, JournalEntry, Vote, Word

T = TypeVar("T")
R = TypeVar("R", Control, DatabaseRecord, Vote, Word, JournalEntry)
Attributes = dict[str, Any]

CONFLICTS: Final = ("ConditionalCheckFailedException", "ReplicatedWriteConflictException")
MALFORMED: Final = ("ValidationException", "SerializationException")
"""The request itself is wrong: no other replica would take it either. Any other no is this replica's own: it throttles,
is not there yet, or its region's policies or keys let nobody in, and the others may not say the same."""

PARTITIONS: Final[dict[type[Record], str]] = {
    Control: "control",
    DatabaseRecord: "database",
    Vote: "vote",
    Word: "word",
    JournalEntry: "journal",
}
"""The partition key of each kind of record."""


class AwsStore(ReplicatedStore):
    """``ports.QuorumStore`` over a table's replicas in these regions, in order of preference."""

    def __init__(
        self,
        table: str,
        regions: Sequence[str],
        nonces: Callable[[], str] = lambda: uuid.uuid4().hex,
        patience: Patience = STEADY,
    ) -> None:
        replicas = [DynamoReplica(table, region, patience) for region in regions]
        super().__init__(table, replicas, nonces, patience.replicas)


class DynamoReplica:
    """``replicated.Replica``; the record is JSON in ``document``, and what a condition looks at stands beside it."""

    def __init__(self, table: str, region: str, patience: Patience = STEADY) -> None:
        self.region = region
        self._table = table
        self._patience = patience

    def require_strong(self) -> None:
        require_strong(self._table, self._ask(lambda dynamodb: dynamodb.describe_table(TableName=self._table)))

    def get(self, kind: type[R], name: str) -> Item[R] | None:
        asked = {"TableName": self._table, "Key": _key(kind, name), "ConsistentRead": True}
        found = self._ask(lambda dynamodb: dynamodb.get_item(**asked)).get("Item")
        return None if found is None else _item(kind, found)

    def query(self, kind: type[R], first: str | None = None) -> Sequence[Item[R]]:
        asked: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": PARTITIONS[kind]}},
            "ConsistentRead": True,
        }
        if first is not None:
            asked["KeyConditionExpression"] += " AND sk >= :first"
            asked["ExpressionAttributeValues"][":first"] = {"S": first}

        def pages(dynamodb: Any) -> list[Attributes]:
            return [item for page in dynamodb.get_paginator("query").paginate(**asked) for item in page["Items"]]

        return [_item(kind, found) for found in self._ask(pages)]

    def put(self, item: Item[Record], condition: Condition | None) -> None:
        asked = {"TableName": self._table, "Item": _attributes(item), **_expression(condition)}
        self._ask(lambda dynamodb: dynamodb.put_item(**asked))

    def delete(self, kind: type[Record], name: str) -> None:
        self._ask(lambda dynamodb: dynamodb.delete_item(TableName=self._table, Key=_key(kind, name)))

    def _ask(self, ask: Callable[[Any], T]) -> T:
        try:
            return ask(client("dynamodb", self.region, self._patience.read_seconds, self._patience.connect_seconds))
        except Exception as exc:
            code = code_of(exc)
            if code in CONFLICTS:
                raise ConflictError(str(exc)) from exc
            if unclear(exc):
                raise NoAnswerError(code) from exc
            if refused(exc) and code not in MALFORMED:
                raise TurnedAwayError(code) from exc
            raise


def _key(kind: type[Record], name: str) -> Attributes:
    return {"pk": {"S": PARTITIONS[kind]}, "sk": {"S": name}}


def _attributes(item: Item[Record]) -> Attributes:
    record = item.record
    attributes = {
        **_key(type(record), item.name),
        "nonce": {"S": item.nonce},
        "document": {"S": json.dumps(as_plain(record), sort_keys=True)},
    }
    if isinstance(record, Control | DatabaseRecord):
        attributes["version"] = _number(record.version)
    if isinstance(record, Vote):
        attributes |= {"run": _number(record.run), "sequence": _number(record.sequence)}
    return attributes


def _expression(condition: Condition | None) -> Attributes:
    """What ``PutItem`` takes beside the item: what the condition's ``holds`` says, in DynamoDB's words."""
    match condition:
        case StillSeen(version=0):
            return {"ConditionExpression": "attribute_not_exists(pk)"}
        case StillSeen(version=seen):
            return {
                "ConditionExpression": "#version = :seen",
                "ExpressionAttributeNames": {"#version": "version"},
                "ExpressionAttributeValues": {":seen": _number(seen)},
            }
        case NoneNewer(run=run, sequence=sequence):
            newer = "attribute_not_exists(pk) OR #run < :run OR (#run = :run AND #sequence <= :sequence)"
            return {
                "ConditionExpression": newer,
                "ExpressionAttributeNames": {"#run": "run", "#sequence": "sequence"},
                "ExpressionAttributeValues": {":run": _number(run), ":sequence": _number(sequence)},
            }
        case None:
            return {}


def _number(value: int) -> dict[str, str]:
    return {"N": str(value)}


def _item(kind: type[R], found: Attributes) -> Item[R]:
    record = from_plain(cast(type[Any], kind), json.loads(found["document"]["S"]))
    return Item(found["sk"]["S"], record, found["nonce"]["S"])
