"""The topology as JSON and back, and the digest that says which one a decision was made on."""

import hashlib
import json
from typing import Any, cast

from failover.plain import as_plain, from_plain
from failover.topology.model import Topology


def compiled(topology: Topology) -> dict[str, Any]:
    """Return the topology as plain JSON values."""
    return cast(dict[str, Any], as_plain(topology))


def parse(document: dict[str, Any]) -> Topology:
    """Return the topology of a compiled document.

    Raises:
        KeyError, ValueError, TypeError: the document is not one that ``compiled`` made.
    """
    return from_plain(Topology, document)


def digest(topology: Topology) -> str:
    """Return the first 16 hex digits of SHA-256 over the canonical JSON form."""
    travelled = parse(compiled(topology))  # 5 seconds and 5.0 are the same, and have the same digest
    canonical = json.dumps(compiled(travelled), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
