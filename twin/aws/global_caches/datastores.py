"""The records of global datastores: their members, their states, and how they are told."""

import time
from typing import Any
from xml.sax.saxutils import escape

from ministack.core.responses import get_account_id, get_region

Record = dict[str, Any]


def member(group: str, role: str) -> dict[str, str]:
    """A member of a datastore in the region of the request."""
    return {"ReplicationGroupId": group, "ReplicationGroupRegion": get_region(), "Role": role}


def seen(record: Record) -> bool:
    """Whether the region of the request has a member."""
    return any(each["ReplicationGroupRegion"] == get_region() for each in record["members"])


def primary(record: Record) -> Record:
    """The member that takes the writes."""
    settle(record)
    found: Record = next(each for each in record["members"] if each["Role"] == "PRIMARY")
    return found


def settle(record: Record) -> None:
    """Finish a failover whose time has passed."""
    target = record.get("next")
    if target is None or time.monotonic() < record["due"]:
        return
    record["next"] = None
    for each in record["members"]:
        each["Role"] = "PRIMARY" if each["ReplicationGroupRegion"] == target else "SECONDARY"


def status(record: Record) -> str:
    """The status of a datastore by now, in AWS's words."""
    settle(record)
    if record.get("next") is not None:
        return "modifying"
    return "available" if len(record["members"]) > 1 else "primary-only"


def as_xml(record: Record, *, members: bool = True) -> str:
    """A datastore as the API renders it."""
    settle(record)
    group = record["group"]
    listed = "".join(
        "<GlobalReplicationGroupMember>"
        + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in each.items())
        + "<AutomaticFailover>enabled</AutomaticFailover><Status>associated</Status></GlobalReplicationGroupMember>"
        for each in record["members"]
    )
    told = {
        "GlobalReplicationGroupId": record["id"],
        "GlobalReplicationGroupDescription": record["description"],
        "Status": status(record),
        "CacheNodeType": group["CacheNodeType"],
        "Engine": group["Engine"],
        "EngineVersion": group["EngineVersion"],
        "ClusterEnabled": str(group["ClusterEnabled"]).lower(),
        "AuthTokenEnabled": str(group["AuthTokenEnabled"]).lower(),
        "TransitEncryptionEnabled": str(group["TransitEncryptionEnabled"]).lower(),
        "AtRestEncryptionEnabled": str(group["AtRestEncryptionEnabled"]).lower(),
        "ARN": f"arn:aws:elasticache::{get_account_id()}:globalreplicationgroup:{record['id']}",
    }
    fields = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in told.items())
    shown = f"<Members>{listed}</Members>" if members else ""
    return f"<GlobalReplicationGroup>{fields}{shown}</GlobalReplicationGroup>"
