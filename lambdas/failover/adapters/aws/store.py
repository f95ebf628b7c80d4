"""The quorum store on a DynamoDB global table with multi-region strong consistency.

Such a table has no transactions, so every change is one conditional write on one item. A write whose answer
was lost may have happened, so each carries a nonce: it is repeated as it was, and when its condition then
fails, the item is read back and its nonce says whose write it was.
"""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from failover.adapters.aws.clients import THROTTLES, client, code_of, unclear
from failover.adapters.aws.consistency import require_strong
from failover.errors import ChangedMeanwhileError, NotInitialisedError, StoreUnreachableError
from failover.plain import as_plain, from_plain
from failover.records import Control, DatabaseRecord, JournalEntry, Vote, Word, WordKind

T = TypeVar("T")
Item = dict[str, Any]

CONFLICTS = ("ConditionalCheckFailedException", "ReplicatedWriteConflictException")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a replica may take, to connect and to answer each, and how many are tried for one call."""

    connect_seconds: float = 1.0
    read_seconds: float = 1.5
    replicas: int | None = None


class AwsStore:
    """``ports.QuorumStore``; replicas are tried in order, beginning with the one that answered last.

    One that does not answer goes to the end of the order, so that a caller who tries one at a time comes round.
    """

    def __init__(
        self,
        table: str,
        regions: Sequence[str],
        nonces: Callable[[], str] = lambda: uuid.uuid4().hex,
        patience: Patience = Patience(),
    ) -> None:
        self._table = table
        self._regions = list(regions)
        self._nonces = nonces
        self._patience = patience

    def require_strong(self) -> None:
        require_strong(self._table, self._anywhere(lambda dynamodb: dynamodb.describe_table(TableName=self._table)))

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
        counted = {"run": {"N": str(vote.run)}, "sequence": {"N": str(vote.sequence)}}
        # A write that was given up for lost can arrive after the votes that followed it. The same one again passes.
        newer = "attribute_not_exists(pk) OR #run < :run OR (#run = :run AND #sequence <= :sequence)"
        condition = {
            "ConditionExpression": newer,
            "ExpressionAttributeNames": {"#run": "run", "#sequence": "sequence"},
            "ExpressionAttributeValues": {":run": counted["run"], ":sequence": counted["sequence"]},
        }
        self._write({**self._item("vote", f"{vote.subject}#{vote.observer}", vote), **counted}, condition)

    def words(self) -> Sequence[Word]:
        return tuple(_record(Word, item) for item in self._query("word"))

    def word(self, kind: WordKind, about: str) -> Word | None:
        item = self._get("word", f"{kind}#{about}")
        return None if item is None else _record(Word, item)

    def say(self, word: Word) -> None:
        self._write(self._item("word", f"{word.kind}#{word.about}", word), {})

    def withdraw(self, kind: WordKind, about: str) -> None:
        key = {"pk": {"S": "word"}, "sk": {"S": f"{kind}#{about}"}}
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
        for region in self._regions[: self._patience.replicas]:
            try:
                answer = ask(client("dynamodb", region, self._patience.read_seconds, self._patience.connect_seconds))
            except Exception as exc:
                if code_of(exc) in CONFLICTS:
                    raise ChangedMeanwhileError(f"{self._table} was changed by somebody else: {exc}") from exc
                if not unclear(exc) and code_of(exc) not in (*THROTTLES, "ResourceNotFoundException"):
                    raise
                failures.append(f"{region}: {code_of(exc)}")
                self._regions = [*(each for each in self._regions if each != region), region]
                continue
            return answer
        raise StoreUnreachableError(f"no replica of {self._table} answered ({'; '.join(failures)})")


def _record(kind: type[T], item: Item) -> T:
    return from_plain(kind, json.loads(item["document"]["S"]))
