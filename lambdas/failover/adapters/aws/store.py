"""The quorum store on a DynamoDB global table with multi-region strong consistency.

Such a table has no transactions, so every change is one conditional write on one item. A write whose answer
was lost may have happened, so each carries a nonce: it is repeated as it was, and when its condition then
fails, the item is read back and its nonce says whose write it was.
"""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from failover.adapters.aws.clients import THROTTLES, client, code_of, unclear
from failover.errors import ChangedMeanwhileError, NotInitialisedError, StoreUnreachableError
from failover.plain import as_plain, from_plain
from failover.records import Consent, Control, DatabaseRecord, JournalEntry, Vote

T = TypeVar("T")
Item = dict[str, Any]

CONFLICTS = ("ConditionalCheckFailedException", "ReplicatedWriteConflictException")


class AwsStore:
    """``ports.QuorumStore``; replicas are tried in order, beginning with the one that answered last."""

    def __init__(
        self, table: str, regions: Sequence[str], nonces: Callable[[], str] = lambda: uuid.uuid4().hex
    ) -> None:
        self._table = table
        self._regions = list(regions)
        self._nonces = nonces

    def control(self) -> Control:
        item = self._get("control", "control")
        return Control(version=0) if item is None else _record(Control, item)

    def change_control(self, seen: Control, wanted: Control) -> Control:
        after = replace(wanted, version=seen.version + 1)
        self._put("control", "control", after, seen.version)
        return after

    def database(self, name: str) -> DatabaseRecord:
        item = self._get("database", name)
        if item is None:
            raise NotInitialisedError(f"database {name} was never initialised in {self._table}; run `lifeboat init`")
        return _record(DatabaseRecord, item)

    def change_database(self, seen: DatabaseRecord, wanted: DatabaseRecord) -> DatabaseRecord:
        after = replace(wanted, version=seen.version + 1)
        self._put("database", seen.name, after, seen.version)
        return after

    def initialise(self, databases: Sequence[DatabaseRecord]) -> bool:
        made = False
        for sk, record in (("control", Control(version=1)), *((each.name, each) for each in databases)):
            try:
                self._put("control" if isinstance(record, Control) else "database", sk, record, None)
                made = True
            except ChangedMeanwhileError:
                continue
        return made

    def votes(self) -> Sequence[Vote]:
        return tuple(_record(Vote, item) for item in self._query("vote"))

    def cast(self, vote: Vote) -> None:
        item = {**self._item("vote", f"{vote.subject}#{vote.observer}", vote), "run": {"N": str(vote.run)}}
        condition = {
            "ConditionExpression": "attribute_not_exists(pk) OR #run <= :run",
            "ExpressionAttributeNames": {"#run": "run"},
            "ExpressionAttributeValues": {":run": {"N": str(vote.run)}},
        }
        self._write(item, condition)

    def consent(self, database: str) -> Consent | None:
        item = self._get("consent", database)
        return None if item is None else _record(Consent, item)

    def record_consent(self, consent: Consent) -> None:
        self._write(self._item("consent", consent.database, consent), {})

    def withdraw_consent(self, database: str) -> None:
        key = {"pk": {"S": "consent"}, "sk": {"S": database}}
        self._anywhere(lambda dynamodb: dynamodb.delete_item(TableName=self._table, Key=key))

    def append(self, entry: JournalEntry) -> None:
        at = entry.at.isoformat(timespec="microseconds")
        self._write(self._item("journal", f"{at}#{entry.region}#{self._nonces()}", entry), {})

    def journal(self) -> Sequence[JournalEntry]:
        return tuple(_record(JournalEntry, item) for item in self._query("journal"))

    def _item(self, pk: str, sk: str, record: Any) -> Item:
        return {
            "pk": {"S": pk},
            "sk": {"S": sk},
            "nonce": {"S": self._nonces()},
            "document": {"S": json.dumps(as_plain(record), sort_keys=True)},
        }

    def _put(self, pk: str, sk: str, record: Any, expected: int | None) -> None:
        item = {**self._item(pk, sk, record), "version": {"N": str(record.version)}}
        if not expected:
            self._write(item, {"ConditionExpression": "attribute_not_exists(pk)"})
            return
        condition = {
            "ConditionExpression": "#version = :seen",
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {":seen": {"N": str(expected)}},
        }
        self._write(item, condition)

    def _write(self, item: Item, condition: Mapping[str, Any]) -> None:
        doubtful = False

        def attempt(dynamodb: Any) -> None:
            nonlocal doubtful
            try:
                dynamodb.put_item(TableName=self._table, Item=item, **condition)
            except Exception as exc:
                doubtful = doubtful or unclear(exc)
                raise

        try:
            self._anywhere(attempt)
        except ChangedMeanwhileError:
            if not doubtful or not self._is_ours(item):
                raise

    def _is_ours(self, item: Item) -> bool:
        found = self._get(item["pk"]["S"], item["sk"]["S"])
        return found is not None and found["nonce"] == item["nonce"]

    def _get(self, pk: str, sk: str) -> Item | None:
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        answer = self._anywhere(lambda dynamodb: dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True))
        item: Item | None = answer.get("Item")
        return item

    def _query(self, pk: str) -> list[Item]:
        def pages(dynamodb: Any) -> list[Item]:
            asked = {
                "TableName": self._table,
                "KeyConditionExpression": "pk = :pk",
                "ExpressionAttributeValues": {":pk": {"S": pk}},
                "ConsistentRead": True,
            }
            return [item for page in dynamodb.get_paginator("query").paginate(**asked) for item in page["Items"]]

        return self._anywhere(pages)

    def _anywhere(self, ask: Callable[[Any], T]) -> T:
        """Ask the replicas in turn; the one that answers is asked first the next time."""
        failures = []
        for region in list(self._regions):
            try:
                answer = ask(client("dynamodb", region, 1.5))
            except Exception as exc:
                if code_of(exc) in CONFLICTS:
                    raise ChangedMeanwhileError(f"{self._table} was changed by somebody else: {exc}") from exc
                if not unclear(exc) and code_of(exc) not in (*THROTTLES, "ResourceNotFoundException"):
                    raise
                failures.append(f"{region}: {code_of(exc)}")
                continue
            if region != self._regions[0]:
                self._regions.remove(region)
                self._regions.insert(0, region)
            return answer
        raise StoreUnreachableError(f"no replica of {self._table} answered ({'; '.join(failures)})")


def _record(kind: type[T], item: Item) -> T:
    return from_plain(kind, json.loads(item["document"]["S"]))
