"""A control region's promises, in its own table; and how a guard asks all control regions for one."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from failover.adapters.aws.clients import client, code_of
from failover.errors import ChangedMeanwhileError, LocalTableUnreachableError
from failover.plain import as_plain, from_plain
from failover.promises import Promise, PromiseRecord
from failover.topology import Names, Topology

LOCAL_SECONDS = 0.5
"""To connect and to read each: the table is in this very region, and a guard waits for the answer."""

ASKED_SECONDS = 3.0
"""How long a control region may take to promise, from the call on; a cold start is in it."""


class AwsPromises:
    """``promises.Promises`` in a table of this region alone, which a strong read makes linearizable."""

    def __init__(self, table: str, region: str) -> None:
        self._table, self._region = table, region

    def read(self, database: str) -> PromiseRecord:
        found = self._ask("get_item", Key=_key(database), ConsistentRead=True)
        if "Item" not in found:
            return PromiseRecord(database)
        return from_plain(PromiseRecord, json.loads(found["Item"]["document"]["S"]))

    def change(self, seen: PromiseRecord, wanted: PromiseRecord) -> PromiseRecord:
        after = replace(wanted, version=seen.version + 1)
        document = json.dumps(as_plain(after), sort_keys=True)
        item = {**_key(seen.database), "version": {"N": str(after.version)}, "document": {"S": document}}
        if seen.version == 0:
            self._ask("put_item", Item=item, ConditionExpression="attribute_not_exists(pk)")
            return after
        self._ask(
            "put_item",
            Item=item,
            ConditionExpression="#version = :seen",
            ExpressionAttributeNames={"#version": "version"},
            ExpressionAttributeValues={":seen": {"N": str(seen.version)}},
        )
        return after

    def _ask(self, call: str, **asked: Any) -> Any:
        try:
            return getattr(client("dynamodb", self._region, LOCAL_SECONDS, LOCAL_SECONDS), call)(
                TableName=self._table, **asked
            )
        except Exception as exc:
            if code_of(exc) == "ConditionalCheckFailedException":
                raise ChangedMeanwhileError(f"{self._table} was changed by somebody else: {exc}") from exc
            raise LocalTableUnreachableError(f"{self._table} in {self._region}: {call}: {code_of(exc)}") from exc


class AwsPromisers:
    """``promises.Promisers``: ``give_promise`` of each control region, by that region's Lambda API.

    Clients are made at once: a guard has little CPU, and when it must ask there is no time left to make them.
    """

    def __init__(self, topology: Topology) -> None:
        self._function = Names(topology).function("give_promise")
        self._clients = {region: client("lambda", region, ASKED_SECONDS) for region in topology.control_regions}

    def ask(self, promise: Promise) -> Mapping[str, str]:
        payload = json.dumps({"promise": as_plain(promise)})
        with ThreadPoolExecutor(max_workers=max(1, len(self._clients))) as pool:
            answers = pool.map(lambda asked: self._asked(asked, payload), self._clients.values())
            return dict(zip(self._clients, answers, strict=True))

    def _asked(self, asked: Any, payload: str) -> str:
        """Anything but a clear answer is none: also one that may have come to be and whose answer was lost."""
        try:
            answer = asked.invoke(FunctionName=self._function, Payload=payload)
            document = json.loads(answer["Payload"].read())
        except Exception as exc:  # noqa: BLE001 - one region's fault must not keep the others from answering
            return f"no answer: {code_of(exc)}"
        if "FunctionError" in answer:
            return f"{document.get('errorType')}: {document.get('errorMessage')}"
        return "" if isinstance(document, dict) and "version" in document else f"an odd answer: {document!r}"


def _key(database: str) -> dict[str, Any]:
    return {"pk": {"S": "promise"}, "sk": {"S": database}}
