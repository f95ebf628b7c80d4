"""What a call asks of IAM where MiniStack does not know: condition keys, and the resource that is meant.

Each is as the service's page in AWS's Service Authorization Reference has it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qs

from ministack.services import kms

NODE_GROUP: Final = re.compile(r"^/clusters/(?P<cluster>[^/]+)/node-groups/(?P<name>[^/]+)")
GLOBAL: Final = {
    "rds": ("GlobalClusterIdentifier", "global-cluster"),
    "elasticache": ("GlobalReplicationGroupId", "globalreplicationgroup"),
}
"""The parameter that names a resource of no region, and how its ARN calls it."""

SOME: Final = "00000000-0000-0000-0000-000000000000"
"""Where an ARN ends in an id that only the service knows, a policy has a wildcard."""


def can_be_judged(action: str) -> bool:
    """Whether the twin knows what a call is about.

    Of a transit gateway's calls it does not: each is about several resources of EC2, by tags that it does not keep.
    """
    return not (action.startswith("ec2:") and "TransitGateway" in action)


def contexts_of(action: str, body: bytes) -> Sequence[Mapping[str, str]]:
    """Return the condition keys of a call, of each thing apart that it asks for: all must be allowed.

    ``cloudwatch:namespace`` ("Actions, resources, and condition keys for Amazon CloudWatch") and ``events:source`` ("…
    for Amazon EventBridge"), by which each event of a call is allowed or not.
    """
    match action:
        case "cloudwatch:PutMetricData":
            return ({"cloudwatch:namespace": _field(body, "Namespace")},)
        case "events:PutEvents":
            sources = dict.fromkeys(str(entry.get("Source", "")) for entry in json.loads(body).get("Entries", []))
            return [{"events:source": source} for source in sources] or ({},)
    return ({},)


def resource_of(service: str, path: str, parameters: Mapping[str, Any], account: str, found: str) -> str:
    """Return the ARN of what a call is about; ``found`` is MiniStack's.

    A node group is a resource of its own ("… for Amazon Elastic Kubernetes Service"), and not its cluster. Global
    databases and datastores are of no region ("… for Amazon RDS", "… for Amazon ElastiCache"). An alias is its key's.
    """
    if service == "kms" and ":alias/" in found:
        region = found.split(":")[3]
        key = kms._aliases.get_scoped(account, region, found)
        return f"arn:aws:kms:{region}:{account}:key/{key}" if key else found
    group = NODE_GROUP.match(path) if service == "eks" else None
    if group is not None:
        return f"{found.rpartition(':')[0]}:nodegroup/{group['cluster']}/{group['name']}/{SOME}"
    named, kind = GLOBAL.get(service, ("", ""))
    if named not in parameters:
        return found
    value = parameters[named]
    return f"arn:aws:{service}::{account}:{kind}:{value[0] if isinstance(value, list) else value}"


def context_of_key(resource: str) -> dict[str, list[str]]:
    """Return ``kms:ResourceAliases`` where the resource is a key ("… for AWS Key Management Service")."""
    where, _, key = resource.partition(":key/")
    if not (key and where.startswith("arn:aws:kms:")):
        return {}
    named = (alias for (_, _, alias), of in kms._aliases.all_items() if of == key and alias.startswith(where))
    return {"kms:ResourceAliases": ["alias/" + alias.partition(":alias/")[2] for alias in named]}


def _field(body: bytes, name: str) -> str:
    if body.startswith(b"{"):
        return str(json.loads(body).get(name, ""))
    return parse_qs(body.decode("utf-8", "replace")).get(name, [""])[0]
