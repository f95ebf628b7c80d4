"""Room for the users of a lost region, before they come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from failover.decision import Quorum, quorum_on
from failover.errors import CapacityMissingError, CapacityNotReadyError
from failover.ports import Ports
from failover.procedures.changing import going_on, has_passed, tell
from failover.procedures.commands import IncidentCommand
from failover.records import Control
from failover.regional_ports import Nodes
from failover.topology import Topology


@dataclass(frozen=True, slots=True)
class Need:
    """The regions that stay, and the nodes of those that do not: all of one residency zone, which users never leave."""

    topology: Topology
    staying: tuple[str, ...]
    lost_nodes: int

    def own(self, region: str) -> int:
        """The nodes that a region needs for its own users."""
        return self.topology.region(region).capacity.needed

    def spread(self, found: Mapping[str, Nodes]) -> dict[str, int]:
        """Return how many nodes each region must have: its own, and its part of the lost ones.

        The parts are as the regions' own nodes are, rounded up; what one has no room for goes to the others. A
        region that launches no more has room for what runs there. It is reckoned from the topology and not from
        what runs, so that asking again asks for the same.

        Raises:
            CapacityMissingError: all of them together have no room.
        """
        room = {region: max(0, _most(found[region]) - self.own(region)) for region in self.staying}
        if sum(room.values()) < self.lost_nodes:
            raise CapacityMissingError(self._told(found, room))
        parts = _parts({region: self.own(region) for region in self.staying}, room, self.lost_nodes)
        return {region: self.own(region) + parts[region] for region in self.staying}

    def _told(self, found: Mapping[str, Nodes], room: Mapping[str, int]) -> str:
        each = "; ".join(
            f"{region} may have {_most(found[region])} and needs {self.own(region)} for its own users"
            + (f" ({found[region].refused})" if found[region].refused else "")
            for region in self.staying
        )
        return (
            f"{self.lost_nodes} nodes must be made up for, and there is room for {sum(room.values())}: {each}; raise "
            "most_nodes, the account's quota or the instance types there, or skip PrepareCapacity"
        )


def _parts(own: Mapping[str, int], room: Mapping[str, int], lost: int) -> dict[str, int]:
    """Spread the lost nodes as the own ones are, but into no region more than it has room for."""
    parts, left = dict[str, int](), dict(own)
    while left:
        weight = sum(left.values())
        full = [region for region in left if lost * left[region] >= room[region] * weight]
        if not full:
            return parts | {region: ceil(lost * nodes / weight) for region, nodes in left.items()}
        for region in full:
            parts[region] = room[region]
            lost -= room[region]
            del left[region]
    return parts


def prepare_capacity(ports: Ports, command: IncidentCommand) -> dict[str, Any]:
    """Scale the regions that stay to what they must carry, and return when the nodes are in service.

    A region whose service does not answer is unknown: it is told, and what it would have carried is asked of
    nobody else. It holds up nothing unless the subject is seen to serve: a region that serves nobody loses nothing by
    moving, and where too few observers are left to tell, a person has asked. Nothing is ever scaled down.

    Raises:
        CapacityNotReadyError: not all of the nodes are there yet; try again.
        CapacityMissingError: there is no room for them; the traffic must not be moved.
    """
    incident = going_on(ports, command.ticket)
    if has_passed(ports, incident):  # its users were prepared for in an earlier term, and it only goes forward
        return {"capacity": "NOT_NEEDED"}
    need = needed(ports, command, ports.store.control())
    if not incident.evacuates or not need.staying or "PrepareCapacity" in incident.skipped:
        return {"capacity": "NOT_NEEDED"}
    sites = [region for region in need.staying if command.topology.site(region) is not None]
    found = {
        **{region: standing_nodes(command.topology, region) for region in sites},
        **ports.services.compute.describe([region for region in need.staying if region not in sites]),
    }
    _tell_of_sites(ports, command, sites)
    known = {region: nodes for region, nodes in found.items() if not nodes.failure}
    unknown = sorted(set(need.staying) - set(known))
    _weigh_unknown(ports, command, {region: found[region].failure for region in unknown})
    assumed = {region: known.get(region, _as_planned(command.topology, region)) for region in need.staying}
    wanted = need.spread(assumed)
    for region, nodes in known.items():
        _scale(ports, command, region, nodes, wanted[region])
    short = {region: nodes for region, nodes in known.items() if nodes.ready < wanted[region]}
    if short:
        each = "; ".join(f"{region}: {nodes.ready} of {wanted[region]}" for region, nodes in sorted(short.items()))
        raise CapacityNotReadyError(f"nodes in service: {each}; looking again")
    facts = {region: f"{known[region].ready} of {wanted[region]}" for region in sorted(known)}
    text = f"{', '.join(facts) or 'nobody that answers'} can carry {need.lost_nodes} nodes more"
    tell(ports, command.ticket, "CAPACITY_READY", text, facts=facts)
    return {"capacity": "READY", "nodes": {region: wanted[region] for region in known}, "unknown": unknown}


def needed(ports: Ports, command: IncidentCommand, control: Control) -> Need:
    """Return who stays, and what all who do not would have carried: also those that were lost before."""
    topology, subject = command.topology, command.ticket.subject
    zone, votes, now = topology.region(subject).zone, tuple(ports.store.votes()), ports.clock.now()
    of_zone = [each for each in topology.regions if each.zone == zone]
    gone = {
        each.name
        for each in of_zone
        if each.name == subject
        or each.name in control.evacuated
        or quorum_on(topology, votes, each.name, now) is Quorum.DOWN
    }
    staying = tuple(each.name for each in of_zone if each.name not in gone)
    return Need(topology, staying, sum(each.capacity.needed for each in of_zone if each.name in gone))


def _weigh_unknown(ports: Ports, command: IncidentCommand, failures: Mapping[str, str]) -> None:
    if not failures:
        return
    why = "; ".join(f"{region}: {failure}" for region, failure in sorted(failures.items()))
    subject = command.ticket.subject
    votes = tuple(ports.store.votes())
    if quorum_on(command.topology, votes, subject, ports.clock.now()) is Quorum.UP:
        raise CapacityNotReadyError(f"{subject} still serves, and how many nodes others have is unknown ({why})")
    tell(ports, command.ticket, "CAPACITY_UNKNOWN", f"going on without knowing: {why}", facts=dict(failures))


def standing_nodes(topology: Topology, region: str) -> Nodes:
    """Return the nodes of a site: those that its document says stand there, since nothing of ours launches others."""
    nodes = topology.region(region).capacity.nodes
    return Nodes(nodes, nodes, nodes)


def _tell_of_sites(ports: Ports, command: IncidentCommand, sites: Sequence[str]) -> None:
    if not sites:
        return
    facts = {region: str(standing_nodes(command.topology, region).ready) for region in sites}
    each = ", ".join(f"{nodes} in {region}" for region, nodes in facts.items())
    text = f"nodes of sites are their providers', taken as the topology says: {each}"
    tell(ports, command.ticket, "CAPACITY_STANDS", text, facts=facts)


def _scale(ports: Ports, command: IncidentCommand, region: str, nodes: Nodes, wanted: int) -> None:
    if nodes.desired >= wanted:
        return
    text = f"asking for {wanted} nodes in {region}, where {nodes.ready} are in service"
    tell(ports, command.ticket, "CAPACITY_ASKED", text, facts={"target": region, "nodes": str(wanted)})
    ports.services.compute.scale(region, wanted)


def _as_planned(topology: Topology, region: str) -> Nodes:
    capacity = topology.region(region).capacity
    return Nodes(capacity.nodes, capacity.nodes, capacity.most_nodes)


def _most(nodes: Nodes) -> int:
    """How many nodes there may be: those that run, where the service launches no more."""
    return nodes.ready if nodes.refused else nodes.most
