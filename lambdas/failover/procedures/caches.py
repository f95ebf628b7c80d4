"""Moving the writes of a global cache to where its databases are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from failover.decision import Quorum, quorum_on
from failover.errors import CacheNotPromotedError, RequestInvalidError
from failover.ports import Ports
from failover.procedures.changing import at_work, tell
from failover.procedures.commands import IncidentCommand, Ticket
from failover.procedures.destinations import writers_after
from failover.topology import Cache, Topology, global_caches

POLL_SECONDS: Final = 0.5
POLLS: Final = 18
"""One attempt looks for nine seconds, short of a step's time limit; AWS says "less than a minute" for all of it."""


@dataclass(frozen=True, slots=True)
class CacheCommand:
    """The input of a step that works on one global cache, as the Map state makes it."""

    topology: Topology
    ticket: Ticket
    databases: tuple[str, ...]
    cache: Cache

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Self:
        """Read a step's input; raises ``RequestInvalidError`` when it is none."""
        whole = IncidentCommand.parse({"databases": (), **document})
        known = {each.name: each for each in global_caches(whole.topology)}
        name = document.get("cache")
        if name not in known:
            has = ", ".join(known) or "none"
            raise RequestInvalidError(f"cache {name!r} is no global cache of {whole.topology.name}; it has: {has}")
        return cls(whole.topology, whole.ticket, whole.databases, known[name])


def promote_cache(ports: Ports, command: CacheCommand) -> dict[str, Any]:
    """Let the region that writes the databases take the cache's writes; safe to repeat, and it looks before it asks.

    Done means: the region's copy is the primary one, and the service says ``available``. A cache whose writer stays
    in service stays with it, unless the incident moves databases elsewhere.

    Raises:
        CacheNotPromotedError: refused for now, unclear, or not finished yet; try again.
    """
    incident, cache = at_work(ports, command.ticket), command.cache
    if "PromoteCache" in incident.skipped:
        return {"cache": cache.name, "primary": None}
    target = _target(ports, command)
    if target is None:
        tell(ports, command.ticket, "CACHE_KEPT", f"no region that serves holds a copy of {cache.name}")
        return {"cache": cache.name, "primary": None}
    asked = False
    for _ in range(POLLS):
        state = ports.services.caches.describe(cache.name, target)
        if state.status == "available" and not command.databases and _serves(ports, command, state.primary):
            tell(ports, command.ticket, "CACHE_KEPT", f"{state.primary} goes on taking the writes of {cache.name}")
            return {"cache": cache.name, "primary": state.primary}
        if (state.status, state.primary) == ("available", target):
            tell(ports, command.ticket, "CACHE_PROMOTED", f"{target} takes the writes of {cache.name}")
            return {"cache": cache.name, "primary": target}
        if state.status == "available" and not asked:
            text, facts = f"asking for {target} to take the writes of {cache.name}", {"target": target}
            tell(ports, command.ticket, "CACHE_ASKED", text, facts=facts)
            ports.services.caches.promote(cache.name, target)
            asked = True
        ports.clock.sleep(POLL_SECONDS)
    raise CacheNotPromotedError(f"{target} does not take the writes of {cache.name} yet; looking again")


def _target(ports: Ports, command: CacheCommand) -> str | None:
    """The first of the databases' new writers that holds a copy, else the first region that does and serves."""
    holders = command.cache.regions
    moved = [region for region in writers_after(ports, command.ticket, command.databases) if region in holders]
    serving = [region for region in holders if _serves(ports, command, region)]
    return next(iter([*moved, *serving]), None)


def _serves(ports: Ports, command: CacheCommand, region: str | None) -> bool:
    if region is None or region == command.ticket.subject or region in ports.store.control().evacuated:
        return False
    votes, now = tuple(ports.store.votes()), ports.clock.now()
    return quorum_on(command.topology, votes, region, now) is not Quorum.DOWN
