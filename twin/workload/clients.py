"""People near each region, who write through the product's name at a steady rate and remember what was acknowledged."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from failover.topology import Names, Topology
from rehearsal.form import Load
from twin.dns.resolver import CachingResolver, ask_server
from twin.network.addresses import OPERATOR, AddressPlan
from twin.workload.group import Group
from twin.workload.homes import asked_for
from twin.workload.ledger import ClientWrite, Latest, Ledger
from twin.workload.sending import HTTPS, Between, Sender

STOP_SECONDS: Final = 6.0
"""A request and a question to a DNS server that does not answer, at their longest."""


class Clients:
    """One client for each group; a group is named after the region that it is near to.

    ``load`` tells each group's rate. A write is sent when it is due, however long the one before takes, and once: what
    was not acknowledged is not tried again. ``authority`` is the PEM file of the run's authority. ``now`` is the clock
    of the records, and of the load's growth; ``between`` tells of the network's cuts.

    Raises:
        ValueError: the topology has no route that writes.
    """

    def __init__(
        self,
        topology: Topology,
        plan: AddressPlan,
        groups: Iterable[str],
        load: Load,
        authority: Path,
        *,
        now: Callable[[], float],
        between: Between = lambda _source, _target: None,
    ) -> None:
        self._ledger = Ledger()
        self._groups = [
            Group(
                group,
                _name_for_writes(topology, group),
                Sender(plan.users(group), plan.ports.mapped(HTTPS), authority, between),
                CachingResolver(ask_server((OPERATOR, plan.ports.dns), plan.users(group))),
                load,
                ledger=self._ledger,
                now=now,
            )
            for group in groups
        ]

    def start(self) -> None:
        """Begin to write; once."""
        for index, group in enumerate(self._groups):
            group.start(index / len(self._groups))

    def stop(self) -> None:
        """Send nothing more and wait for what is under way, for a few seconds at most; safe to repeat."""
        for group in self._groups:
            group.end()
        deadline = time.monotonic() + STOP_SECONDS
        for group in self._groups:
            group.join(deadline)

    def writes(self) -> tuple[ClientWrite, ...]:
        """Return every write that has ended."""
        return self._ledger.writes()

    def latest(self, group: str) -> Latest:
        """Return what a group last met with."""
        return self._ledger.latest(group)

    def acknowledged_at(self, region: str) -> float | None:
        """Return when a client last got an acknowledgement of a write that the copy of a region committed."""
        return self._ledger.acknowledged_at(region)


def _name_for_writes(topology: Topology, group: str) -> str:
    if route := asked_for(topology, group):
        return Names(topology).route(route.name)
    raise ValueError(
        f"{topology.name}: no route of it writes, so its clients have no name to write to; "
        "set writes: true on the route of the service"
    )
