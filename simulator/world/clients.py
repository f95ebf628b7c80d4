"""People near each region, who write through the product's name at a steady rate and remember what was acknowledged."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final

from failover.invariants import NOTICE
from failover.topology import DatasetKind, Topology
from rehearsal.form import Load
from rehearsal.form.fault_kinds import Failing
from rehearsal.history import Outcome
from simulator.world.dns import Dns, Resolver, routes_of
from simulator.world.network import REFUSED_SECONDS, USERS, Network
from simulator.world.recorder import ClientWrite, Recorder
from simulator.world.service import Committed, Request, Services

TIMEOUT_SECONDS: Final = 2.0
ONE_A_SECOND: Final = Load(writes_per_second=1.0)

ASKING_WAYS: Final = 5
"""Handshakes of TCP and of TLS 1.3, and the request: each has a connection of its own, so as to follow the name."""

SOON_SECONDS: Final = 0.25
"""An answer that has left and that nothing is in the way of is counted when it leaves: an event less for each write."""


@dataclass(slots=True)
class Group:
    """The client of one place, what it last met with, and the number of its last write."""

    name: str
    resolver: Resolver
    number: int = 0
    acknowledged_at: float | None = None
    failed_at: float | None = None
    reached: str | None = None
    newest_sent_at: float = field(default=float("-inf"))


class Clients:
    """One client for each group; a group is named after the region that it is near to.

    A write is sent when it is due, whatever became of the one before, and once. Groups whose users have no route
    that writes send nothing. Where no database moves, each region's users write to those that were born where their
    name leads. ``acknowledged`` says when a client last got an acknowledgement of what the copy of a
    (database, region) committed. ``zero`` is the second from which a load's growth counts, in the world's time.

    Raises:
        ValueError: no group has anything to write, or anywhere to write it.
    """

    def __init__(
        self,
        topology: Topology,
        network: Network,
        services: Services,
        dns: Dns,
        chance: Random,
        *,
        recorder: Recorder,
        load: Load = ONE_A_SECOND,
    ) -> None:
        self._kernel, self._network, self._services, self._recorder = network.kernel, network, services, recorder
        self._chance, self._near = chance, network.latencies.of("network.users")
        self._works = network.latencies.of("client.request")
        self._load = load
        self._databases = written_in(topology)
        self.groups: Mapping[str, Group] = {
            resolver.client: Group(resolver.client, resolver) for resolver in _resolvers(topology, dns, network, chance)
        }
        self.acknowledged: dict[tuple[str, str], float] = {}
        self.zero = float("inf")
        self._ended = False
        if not any(self._databases.values()) or not self.groups:
            raise ValueError(
                f"{topology.name}: its clients have nothing to write; it needs a database, and a route of their zone "
                "with writes: true"
            )

    def start(self) -> None:
        """Begin to write, one group after the other within the first period."""
        for index, group in enumerate(self.groups.values()):
            self._kernel.now_or_later(index / len(self.groups) * self._gap(group), self._sending(group))

    def stop(self) -> None:
        """Send nothing more; what is under way ends."""
        self._ended = True

    def _sending(self, group: Group) -> Callable[[], None]:
        def send() -> None:
            if not self._ended:
                self._kernel.now_or_later(self._gap(group), send)
                self._send(group)

        return send

    def _gap(self, group: Group) -> float:
        """Return the seconds from one write of a group to its next."""
        return 1 / self._load.rate(group.name, self._kernel.now - self.zero)

    def _send(self, group: Group) -> None:
        group.number += 1
        regions, asked = group.resolver.resolve()
        request = Request(group.name, group.number, "", self._answered, self._kernel.now, "")
        if regions == (NOTICE,):
            self._fail_later(request, asked, "a notice: nobody serves this zone", NOTICE)
            return
        for region in regions:
            databases = self._databases[region]
            request.database = databases[group.number % len(databases)]
            failing = self._network.broken(USERS, region)
            if failing is None:
                request.service, request.way = region, self._way(group.name, region)
                after = asked + ASKING_WAYS * request.way + self._works.draw(self._chance)
                self._services[region].take(request, after)
                return
            if failing is Failing.HANG:
                self._fail_later(request, TIMEOUT_SECONDS, f"{region} does not answer")
                return
        self._fail_later(request, asked + REFUSED_SECONDS, f"refused by {', '.join(regions) or 'nobody'}")

    def _way(self, group: str, region: str) -> float:
        """Return how long packets are under way between a group and a service, while they exchange a few."""
        way = self._near.draw(self._chance)
        return way if group == region else way + self._network.one_way(group, region)

    def _answered(self, request: Request, committed: Committed | None, reason: str, seconds: float) -> None:
        """The service has its answer, which it sends after so many seconds."""
        now, way = self._kernel.now, request.way
        left = request.sent_at + TIMEOUT_SECONDS - now
        if seconds + way > left:
            self._fail_later(request, left, "no answer in time")
        elif self._network.quiet and seconds + way < SOON_SECONDS:
            self._end(request, now + seconds + way, committed, reason)
        else:
            self._kernel.now_or_later(seconds, lambda: self._back(request, committed, reason))

    def _back(self, request: Request, committed: Committed | None, reason: str) -> None:
        """The answer leaves; whoever has sent it may be dead by now, or cut off."""
        if self._network.broken(request.service, USERS) is None:
            self._end(request, self._kernel.now + request.way, committed, reason)
        else:
            left = request.sent_at + TIMEOUT_SECONDS - self._kernel.now
            self._fail_later(request, left, f"{request.service} does not answer")

    def _fail_later(self, request: Request, seconds: float, reason: str, reached: str = "") -> None:
        """Nothing came from a service: which one it was is not known to the client."""

        def fail() -> None:
            request.service = reached
            self._end(request, self._kernel.now, None, reason)

        self._kernel.now_or_later(seconds, fail)

    def _end(self, request: Request, at: float, committed: Committed | None, reason: str) -> None:
        group, service = self.groups[request.client], request.service or None
        if request.sent_at > group.newest_sent_at:
            group.newest_sent_at, group.reached = request.sent_at, service
        if service is not None:
            self._recorder.answered(at, request.client, service, committed is not None, reason)
        if committed is None:
            group.failed_at = at
            failed = ClientWrite(
                request.client,
                request.number,
                request.sent_at,
                at,
                Outcome.FAILED,
                service,
                database=request.database,
                reason=reason,
            )
            self._recorder.wrote(failed)
            return
        group.acknowledged_at = self.acknowledged[request.database, committed.region] = at
        acknowledged = ClientWrite(
            request.client,
            request.number,
            request.sent_at,
            at,
            Outcome.ACKNOWLEDGED,
            service,
            committed.region,
            committed.epoch,
            committed.at,
            committed.position,
            committed.branch,
            request.database,
        )
        self._recorder.wrote(acknowledged)


def written_in(topology: Topology) -> dict[str, list[str]]:
    """Return the databases that users write to who are led to a region.

    Those with one writer that their zone's law lets in, all of them where it is none's, or what is at home.
    """
    single = [each for each in topology.databases if each.kind is DatasetKind.SINGLE]
    found: dict[str, list[str]] = {}
    for region in topology.regions:
        lawful = [each.name for each in single if each.may_be_in(region.zone)]
        at_home = [each.name for each in topology.databases if each.born_primary == region.name]
        found[region.name] = lawful or [each.name for each in single] or at_home
    return found


def _resolvers(topology: Topology, dns: Dns, network: Network, chance: Random) -> Iterator[Resolver]:
    """A resolver for each region whose users have a route that writes."""
    for client in topology.region_names:
        writing = [route for route in routes_of(topology, client) if route.writes]
        if writing:
            yield Resolver(dns, writing[0], client, network, chance)
