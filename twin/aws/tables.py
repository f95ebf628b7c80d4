"""DynamoDB's global tables from CloudFormation, and what multi-region strong consistency (MRSC) means.

MiniStack deploys an AWS::DynamoDB::GlobalTable as a table of one region. Its replicas share every write at
once, since it answers one DynamoDB call at a time; so a write is seen everywhere when it is answered, and a
conditional write is decided once for all regions. Source of the rules: "Multi-region strong consistency",
DynamoDB developer guide: three places of one region set, of which one may be a witness; a write or a strong
read needs two of the three; no transactions, no TTL, no local secondary indexes.
"""

import json
import zlib
from collections.abc import Callable
from typing import Any, Final

from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

from twin.aws.calls import Call
from twin.aws.outages import Outages
from twin.aws.patches import Patches

TYPE: Final = "AWS::DynamoDB::GlobalTable"
STRONG: Final = "MultiRegionConsistency"
WITNESSES: Final = "_witnesses"
PLACES: Final = 3
MAJORITY: Final = 2
REGION_SETS: Final = (
    frozenset({"us-east-1", "us-east-2", "us-west-2"}),
    frozenset({"eu-central-1", "eu-west-1", "eu-west-2", "eu-west-3"}),
    frozenset({"ap-northeast-1", "ap-northeast-2", "ap-northeast-3"}),
)
REFUSED: Final = frozenset({"TransactWriteItems", "TransactGetItems", "ExecuteTransaction", "UpdateTimeToLive"})
WRITES: Final = frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "ExecuteStatement"})
READS: Final = frozenset({"GetItem", "Query", "Scan", "BatchGetItem"})
Properties = dict[str, Any]
Made = tuple[str, dict[str, Any]]


class TableError(ValueError):
    """A table that DynamoDB would refuse."""


class Tables:
    """Global tables of all regions."""

    def __init__(self, outages: Outages) -> None:
        self._outages = outages

    def install(self, patches: Patches) -> None:
        """Register with MiniStack, in this process."""
        table = provisioners._RESOURCE_HANDLERS
        ours = {"create": create, "update": update, "delete": delete}
        patches.replace_item(table, TYPE, {**table[TYPE], **ours})
        patches.replace(dynamodb, "handle_request", self._guarded(dynamodb.handle_request))

    def _guarded(self, handle: Callable[..., Any]) -> Callable[..., Any]:
        async def handle_request(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Any:
            action = headers.get("x-amz-target", "").rpartition(".")[2]
            if action in REFUSED | WRITES | READS:
                refusal = self._refusal(action, json.loads(body or b"{}"))
                if refusal is not None:
                    return refusal
            answer = await handle(method, path, headers, body, query)
            return _with_consistency(answer) if action == "DescribeTable" else answer

        return handle_request

    def _refusal(self, action: str, data: dict[str, Any]) -> Any:
        strong = [table for name in _named(data) if (table := dynamodb._tables.get(name)) and table.get(STRONG)]
        if not strong:
            return None
        if action in REFUSED:
            text = f"{action} is not supported on a table with multi-Region strong consistency."
            return error_response_json("ValidationException", text, 400)
        if action in WRITES or data.get("ConsistentRead"):
            for table in strong:
                if self._in_reach(table) < MAJORITY:
                    text = f"{table['TableName']}: no other replica or witness can be reached from {get_region()}."
                    return error_response_json("InternalServerError", text, 500)
        return None

    def _in_reach(self, table: dict[str, Any]) -> int:
        """Return how many of a table's places this region can talk with, itself among them."""
        here = get_region()
        places = {*dynamodb._replica_group(table), *table.get(WITNESSES, ())}
        return sum(1 for place in places if self._talk(here, place))

    def _talk(self, here: str, there: str) -> bool:
        paths = ((here, there), (there, here))
        return not any(self._outages.against(Call(source, target, "dynamodb", "")) for source, target in paths)


def create(logical_id: str, properties: Properties, stack: str) -> Made:
    """Create a global table, in the place of MiniStack's provisioner.

    Raises:
        TableError: DynamoDB would refuse it.
    """
    regions = _regions(properties)
    strong = properties.get(STRONG) == "STRONG"
    witnesses = [witness["Region"] for witness in properties.get("GlobalTableWitnesses", ())]
    if get_region() not in regions:
        raise TableError(f"{TYPE}: Replicas must contain the stack's own region, {get_region()}; it has {regions}")
    if strong:
        _check(properties, [*regions, *witnesses])
    name, attributes = provisioners._ddb_global_table_create(logical_id, properties, stack)
    table = dynamodb._tables[name]
    if strong:
        table[STRONG], table[WITNESSES] = "STRONG", witnesses
    for region in regions:
        if region != get_region():
            dynamodb._create_replica(name, table, region)
    dynamodb._set_replica_group(name, regions)
    return name, attributes


def update(name: str, old: Properties, new: Properties, stack: str) -> Made:
    """Update a global table; its replicas stay where they are."""
    if _regions(old) != _regions(new) or old.get(STRONG) != new.get(STRONG):
        raise TableError(f"{TYPE}: the twin does not move replicas of {name}; deploy it anew")
    made: Made = provisioners._ddb_global_table_update(name, old, new, stack)
    return made


def delete(name: str, properties: Properties) -> None:
    """Delete a global table with all its replicas."""
    for region in _regions(properties):
        if region != get_region():
            dynamodb._tables.pop_scoped(get_account_id(), region, name, None)
    provisioners._ddb_global_table_delete(name, properties)


def _regions(properties: Properties) -> list[str]:
    return [replica["Region"] for replica in properties["Replicas"]]


def _check(properties: Properties, places: list[str]) -> None:
    if len(set(places)) != PLACES:
        raise TableError(f"{TYPE}: strong consistency needs {PLACES} places, replicas and witness; given: {places}")
    if not any(set(places) <= each for each in REGION_SETS):
        raise TableError(f"{TYPE}: {places} are not of one region set; choose three of US, EU or Tokyo-Osaka-Seoul")
    for name in ("TimeToLiveSpecification", "LocalSecondaryIndexes"):
        if properties.get(name):
            raise TableError(f"{TYPE}: {name} is not supported with strong consistency; take it out")


def _with_consistency(answer: Any) -> Any:
    """Say of a strong table what DynamoDB's TableDescription says of it and MiniStack's does not."""
    status, headers, body = answer
    told = json.loads(body)
    table = dynamodb._tables.get(told.get("Table", {}).get("TableName", ""))
    if not table or not table.get(STRONG):
        return answer
    witnesses = [{"RegionName": region, "WitnessStatus": "ACTIVE"} for region in table.get(WITNESSES, ())]
    told["Table"] |= {STRONG: table[STRONG], "GlobalTableWitnesses": witnesses}
    body = json.dumps(told).encode()
    return status, headers | {"x-amz-crc32": str(zlib.crc32(body))}, body


def _named(data: dict[str, Any]) -> set[str]:
    """Return the names of the tables that a call is about."""
    names = {data.get("TableName"), *(data.get("RequestItems") or {})}
    for entry in data.get("TransactItems") or ():
        names |= {part.get("TableName") for part in entry.values()}
    return {str(name).rpartition("/")[2] for name in names if name}
