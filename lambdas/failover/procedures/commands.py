"""What travels through a state machine: the request, then the incident with its term, topology and budgets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from failover.errors import RequestInvalidError
from failover.plain import as_plain
from failover.records import Incident
from failover.topology import CacheTier, Topology, budgets, compiled, digest, parse


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to act for an incident: whoever holds an old term is refused at its next step."""

    id: str
    subject: str
    owner: str
    term: int

    @classmethod
    def of(cls, incident: Incident) -> Self:
        """The ticket of an incident's current term."""
        return cls(incident.id, incident.subject, incident.owner, incident.term)

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Self:
        """Read the ticket of a step's input; raises ``KeyError`` or ``TypeError`` when it has none."""
        return cls(**{name: document["incident"][name] for name in ("id", "subject", "owner", "term")})


@dataclass(frozen=True, slots=True)
class IncidentCommand:
    """The input of every step of a machine after its first."""

    topology: Topology
    ticket: Ticket
    databases: tuple[str, ...]

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Self:
        """Read a step's input; raises ``RequestInvalidError`` when it is none."""
        try:
            return cls(
                topology=parse(document["topology"]),
                ticket=Ticket.parse(document),
                databases=tuple(each["database"] for each in document["databases"]),
            )
        except (KeyError, TypeError, ValueError) as exc:
            raise RequestInvalidError(
                f"this step's input lacks or garbles {exc}; it takes what OpenIncident returned, unchanged"
            ) from exc


@dataclass(frozen=True, slots=True)
class DatabaseCommand:
    """The input of a step that works on one database, as the Map states make it."""

    topology: Topology
    ticket: Ticket
    database: str
    waiting: Mapping[str, Any]

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Self:
        """Read a step's input; raises ``RequestInvalidError`` when it is none."""
        whole = IncidentCommand.parse({**document, "databases": [{"database": document.get("database")}]})
        name = whole.databases[0]
        if name not in {each.name for each in whole.topology.databases}:
            known = ", ".join(each.name for each in whole.topology.databases)
            raise RequestInvalidError(f"database {name!r} is not in topology {whole.topology.name}; it has: {known}")
        return cls(whole.topology, whole.ticket, name, document.get("waiting") or {})


def begun(topology: Topology, incident: Incident) -> dict[str, Any]:
    """Return the document with which a machine's steps work for an incident.

    ``gates`` says which questions must be asked before it acts: its Choice states read these words.
    """
    return {
        "mode": "ACT",
        "topology": compiled(topology),
        "topology_digest": digest(topology),
        "incident": as_plain(Ticket.of(incident)),
        "rule": incident.rule,
        "databases": [{"database": name} for name in incident.databases],
        "caches": [{"cache": each.name} for each in topology.caches if each.tier is CacheTier.GLOBAL],
        "gates": {
            "approval": "REQUIRED" if incident.approval == "REQUIRED" else "NONE",
            "veto": "ASKED" if topology.policy.veto else "NONE",
        },
        "budget": budgets(topology),
    }
