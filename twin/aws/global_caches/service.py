"""ElastiCache's global datastores: which region's replication group takes the writes, with no cache behind it.

MiniStack has replication groups and no global datastores. Shapes and errors are those of ElastiCache's API model;
the ids' prefixes and what a joining group may not say are those of the user guide ("Using global datastores (CLI)").
A datastore is seen in every region that has a member, and a failover can be asked for in any of them, also while the
old primary's region is lost.
"""

import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from ministack.core.responses import get_account_id, get_region
from ministack.services import elasticache
from ministack.services.cloudformation import provisioners

from failover.topology.places import GLOBAL_CACHE_PREFIXES, MOST_GLOBAL_CACHE_REPLICAS
from twin.aws.cloudformation.resource import Made, Properties, ResourceType, accepted
from twin.aws.global_caches import datastores
from twin.aws.global_caches.datastores import Record
from twin.aws.patches import Patches

TYPE: Final = "AWS::ElastiCache::GlobalReplicationGroup"
PROMOTE_SECONDS: Final = 1.0
"""How long a failover lasts. AWS says "less than a minute"; the twin compresses it."""
INHERITED: Final = (
    "AtRestEncryptionEnabled",
    "CacheNodeType",
    "CacheParameterGroupName",
    "Engine",
    "EngineVersion",
    "TransitEncryptionEnabled",
)
Parameters = dict[str, Any]
Response = tuple[int, dict[str, str], bytes]


class RefusalError(Exception):
    """A call that ElastiCache refuses, with its code."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.status = code, status


class GlobalCaches:
    """The global datastores of all regions; ``promote_seconds`` is the test's to set."""

    def __init__(self, promote_seconds: float = PROMOTE_SECONDS) -> None:
        self.promote_seconds = promote_seconds
        self._datastores: dict[tuple[str, str], Record] = {}
        self._actions: dict[str, Callable[[Parameters], str]] = {
            "CreateGlobalReplicationGroup": self._create,
            "DescribeGlobalReplicationGroups": self._describe,
            "FailoverGlobalReplicationGroup": self._fail_over,
            "ModifyGlobalReplicationGroup": self._modify,
            "DisassociateGlobalReplicationGroup": self._disassociate,
            "DeleteGlobalReplicationGroup": self._delete,
        }

    def install(self, patches: Patches) -> None:
        """Register with MiniStack, in this process; after the CloudFormation types."""
        patches.replace(elasticache, "handle_request", self._handled(elasticache.handle_request))
        join = self._joining(elasticache._create_replication_group)
        patches.replace(elasticache, "_create_replication_group", join)
        kind = ResourceType(TYPE, self._made, self._unmade, lambda name, _: (name, self._attributes(name)))
        patches.replace_item(provisioners._RESOURCE_HANDLERS, TYPE, kind.handlers())

    def primary(self, datastore: str) -> str:
        """The region that takes the writes of a datastore; raises ``KeyError`` when there is none of that id."""
        for (_, name), record in self._datastores.items():
            if name == datastore:
                return str(datastores.primary(record)["ReplicationGroupRegion"])
        raise KeyError(datastore)

    # --- the API -----------------------------------------------------------------------------------------

    def _handled(self, handle: Callable[..., Any]) -> Callable[..., Any]:
        async def handle_request(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
            asked = {**(query or {}), **parse_qs((body or b"").decode("utf-8", errors="replace"))}
            action = elasticache._p(asked, "Action")
            if action not in self._actions:
                return await handle(method, path, headers, body, query)
            return self._answer(action, asked)

        return handle_request

    def _answer(self, action: str, asked: Parameters) -> Response:
        try:
            inner = self._actions[action](asked)
        except RefusalError as refusal:
            return _refused(refusal)
        answer: Response = elasticache._xml(200, f"{action}Response", f"<{action}Result>{inner}</{action}Result>")
        return answer

    def _create(self, asked: Parameters) -> str:
        suffix, primary = _text(asked, "GlobalReplicationGroupIdSuffix"), _text(asked, "PrimaryReplicationGroupId")
        prefix = GLOBAL_CACHE_PREFIXES.get(get_region())
        if prefix is None:
            raise RefusalError("InvalidParameterValue", f"Global datastores are not available in {get_region()}.")
        group = elasticache._replication_groups.get(primary)
        if group is None:
            raise RefusalError("ReplicationGroupNotFoundFault", f"Replication group {primary} not found", 404)
        if ".t" in group["CacheNodeType"]:
            raise RefusalError(
                "InvalidParameterValue", f"{group['CacheNodeType']} is not supported for global datastores."
            )
        key = (get_account_id(), f"{prefix}-{suffix}")
        if key in self._datastores:
            raise RefusalError("GlobalReplicationGroupAlreadyExistsFault", f"{key[1]} already exists")
        self._datastores[key] = {
            "id": key[1],
            "description": _text(asked, "GlobalReplicationGroupDescription"),
            "group": group,
            "due": 0.0,
            "members": [datastores.member(primary, "PRIMARY")],
        }
        return datastores.as_xml(self._datastores[key])

    def _describe(self, asked: Parameters) -> str:
        wanted, members = _text(asked, "GlobalReplicationGroupId"), _text(asked, "ShowMemberInfo") == "true"
        found = (
            [self._found(asked)] if wanted else [each for each in self._datastores.values() if datastores.seen(each)]
        )
        listed = "".join(datastores.as_xml(each, members=members) for each in found)
        return f"<GlobalReplicationGroups>{listed}</GlobalReplicationGroups>"

    def _fail_over(self, asked: Parameters) -> str:
        record, region = self._found(asked), _text(asked, "PrimaryRegion")
        if datastores.status(record) != "available":
            raise RefusalError(
                "InvalidGlobalReplicationGroupState", f"{record['id']} is {datastores.status(record)}, not available."
            )
        group = _text(asked, "PrimaryReplicationGroupId")
        named = [each for each in record["members"] if each["ReplicationGroupRegion"] == region]
        if not named or named[0]["ReplicationGroupId"] != group:
            raise RefusalError("InvalidParameterValue", f"{group} in {region} is no member of {record['id']}.")
        if named[0]["Role"] == "PRIMARY":
            raise RefusalError(
                "InvalidParameterValue", f"{group} in {region} is the primary of {record['id']} already."
            )
        record["due"], record["next"] = time.monotonic() + self.promote_seconds, region
        return datastores.as_xml(record)

    def _modify(self, asked: Parameters) -> str:
        record = self._found(asked)
        if datastores.status(record) not in ("available", "primary-only"):
            raise RefusalError("InvalidGlobalReplicationGroupState", f"{record['id']} is {datastores.status(record)}.")
        record["description"] = _text(asked, "GlobalReplicationGroupDescription") or record["description"]
        return datastores.as_xml(record)

    def _disassociate(self, asked: Parameters) -> str:
        record, region = self._found(asked), _text(asked, "ReplicationGroupRegion")
        if datastores.primary(record)["ReplicationGroupRegion"] == region:
            raise RefusalError("InvalidParameterValue", f"The primary of {record['id']} cannot be disassociated.")
        record["members"] = [each for each in record["members"] if each["ReplicationGroupRegion"] != region]
        return datastores.as_xml(record)

    def _delete(self, asked: Parameters) -> str:
        record = self._found(asked)
        if len(record["members"]) > 1:
            raise RefusalError("InvalidGlobalReplicationGroupState", f"{record['id']} still has secondary members.")
        del self._datastores[get_account_id(), record["id"]]
        return datastores.as_xml(record)

    def _found(self, asked: Parameters) -> Record:
        name = _text(asked, "GlobalReplicationGroupId")
        record = self._datastores.get((get_account_id(), name))
        if record is None or not datastores.seen(record):
            raise RefusalError("GlobalReplicationGroupNotFoundFault", f"Global datastore {name} not found", 404)
        return record

    # --- joining, and CloudFormation ---------------------------------------------------------------------

    def _joining(self, create: Callable[[Parameters], Response]) -> Callable[[Parameters], Response]:
        def created(asked: Parameters) -> Response:
            name = _text(asked, "GlobalReplicationGroupId")
            if not name:
                return create(asked)
            try:
                record = _require_joinable(name, self._datastores.get((get_account_id(), name)), asked)
            except RefusalError as refusal:
                return _refused(refusal)
            answer = create({**asked, **_inherited(record["group"])})
            if answer[0] < 400:
                record["members"].append(datastores.member(_text(asked, "ReplicationGroupId"), "SECONDARY"))
            return answer

        return created

    def _made(self, _logical_id: str, properties: Properties, _stack: str) -> Made:
        primary = next(each for each in properties["Members"] if each["Role"] == "PRIMARY")
        asked = {
            "GlobalReplicationGroupIdSuffix": properties["GlobalReplicationGroupIdSuffix"],
            "GlobalReplicationGroupDescription": properties.get("GlobalReplicationGroupDescription", ""),
            "PrimaryReplicationGroupId": primary["ReplicationGroupId"],
        }
        accepted(TYPE, self._answer("CreateGlobalReplicationGroup", asked))
        name = f"{GLOBAL_CACHE_PREFIXES[get_region()]}-{asked['GlobalReplicationGroupIdSuffix']}"
        return name, self._attributes(name)

    def _unmade(self, name: str, _properties: Properties) -> None:
        if (get_account_id(), name) in self._datastores:
            accepted(TYPE, self._answer("DeleteGlobalReplicationGroup", {"GlobalReplicationGroupId": name}))

    def _attributes(self, name: str) -> dict[str, str]:
        return {"GlobalReplicationGroupId": name, "Status": datastores.status(self._datastores[get_account_id(), name])}


def _require_joinable(name: str, record: Record | None, asked: Parameters) -> Record:
    if record is None:
        raise RefusalError("GlobalReplicationGroupNotFoundFault", f"Global datastore {name} not found", 404)
    said = [each for each in INHERITED if _text(asked, each)]
    if said:
        text = f"Cannot use the given parameters when creating new replication group in {name}: {', '.join(said)}"
        raise RefusalError("InvalidParameterCombination", text)
    if len(record["members"]) > MOST_GLOBAL_CACHE_REPLICAS:
        raise RefusalError("InvalidParameterValue", f"{name} has {len(record['members'])} members.")
    return record


def _inherited(group: Record) -> Parameters:
    """What a joining group takes from the primary's."""
    return {
        "Engine": group["Engine"],
        "EngineVersion": group["EngineVersion"],
        "CacheNodeType": group["CacheNodeType"],
        "AtRestEncryptionEnabled": str(group["AtRestEncryptionEnabled"]).lower(),
        "TransitEncryptionEnabled": str(group["TransitEncryptionEnabled"]).lower(),
    }


def _refused(refusal: RefusalError) -> Response:
    answer: Response = elasticache._error(refusal.code, escape(str(refusal)), refusal.status)
    return answer


def _text(asked: Parameters, name: str) -> str:
    return str(elasticache._p(asked, name))
