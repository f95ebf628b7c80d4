"""The topology as JSON and back, and the digest that says which one a decision was made on."""

import hashlib
import json
from functools import lru_cache
from typing import Any, Final, cast

from failover.plain import as_plain, from_plain
from failover.topology.model import Topology

KEPT: Final = 16
"""So many topologies are remembered: a function knows one, a simulation or a test run a few."""

_digests: dict[int, tuple[Topology, str]] = {}


def compiled(topology: Topology) -> dict[str, Any]:
    """Return the topology as plain JSON values."""
    return cast(dict[str, Any], as_plain(topology))


def parse(document: dict[str, Any]) -> Topology:
    """Return the topology of a compiled document; the same one for the same document.

    Raises:
        KeyError, ValueError, TypeError: the document is not one that ``compiled`` made.
    """
    return _parsed(json.dumps(document))


@lru_cache(KEPT)
def _parsed(text: str) -> Topology:
    return from_plain(Topology, json.loads(text))


def digest(topology: Topology) -> str:
    """Return the first 16 hex digits of SHA-256 over the canonical JSON form."""
    known = _digests.get(id(topology))  # by identity: it is frozen, and comparing it would cost as much as telling it
    if known is None:
        if len(_digests) >= KEPT:
            _digests.clear()
        known = _digests[id(topology)] = (topology, _digest(topology))
    return known[1]


def _digest(topology: Topology) -> str:
    travelled = from_plain(Topology, compiled(topology))  # 5 seconds and 5.0 are the same, and have the same digest
    canonical = json.dumps(compiled(travelled), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
