"""Route 53's answers to the product's names, and the resolvers that keep them for a while."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final, Protocol

from failover.invariants import NOTICE
from failover.topology import Names, Route, RoutePolicy, Topology
from simulator.latencies import Latencies
from simulator.world.network import Network

CONTINENTS: Final = {
    "af": "AF",
    "ap": "AS",
    "ca": "NA",
    "eu": "EU",
    "il": "AS",
    "me": "AS",
    "mx": "NA",
    "sa": "SA",
    "us": "NA",
}
"""Route 53's continent for the first part of a region's name."""

OCEANIA: Final = ("ap-southeast-2", "ap-southeast-4", "ap-southeast-6")
"""Whoever is near one of these is in Oceania, though the region's name begins as Asia's do."""

MOST_VALUES: Final = 8
"""A multivalue answer has at most eight records."""


class Recorder(Protocol):
    """Whoever writes down what users were told."""

    def dns(self, at: float, name: str, client: str, regions: tuple[str, ...]) -> None:
        """A question was answered."""


class Dns:
    """The product's routes as Route 53 answers them: by policy, among the records whose health check is healthy.

    ``sound`` tells whether the health check of a region's records is healthy, as far as the DNS servers know by now.
    When all that could answer are unhealthy, all count as healthy (Route 53 Developer Guide, "How Route 53 chooses
    records when health checking is configured"); but of a route among ``notices``, whose name leads to a notice when
    no region of it is ``seen`` at its entrance, nor sound where it is the only one.
    """

    def __init__(
        self,
        topology: Topology,
        latencies: Latencies,
        chance: Random,
        sound: Callable[[str], bool],
        recorder: Recorder,
        *,
        notices: Collection[str] = (),
        seen: Callable[[str], bool] = lambda _region: True,
    ) -> None:
        self._chance, self._sound, self._recorder = chance, sound, recorder
        self._notices, self._seen = notices, seen
        self._names = {route.name: Names(topology).route(route.name) for route in topology.routes}
        self._asked = {
            (route.name, client): (route, _preferred(route, client, latencies))
            for client in topology.region_names
            for route in topology.routes
            if route in routes_of(topology, client)
        }
        self._last: dict[tuple[str, str], tuple[str, ...]] = {}

    def points(self, route: str, client: str) -> tuple[str, ...]:
        """Return the regions that a client near a region may be led to now; several where chance decides."""
        asked, preferred = self._asked[route, client]
        if route in self._notices and not self._is_served(asked):
            return (NOTICE,)
        sound = tuple(region for region in preferred if self._sound(region)) or preferred
        return sound if asked.policy in (RoutePolicy.WEIGHTED, RoutePolicy.MULTIVALUE) else sound[:1]

    def _is_served(self, route: Route) -> bool:
        only = len(route.regions) == 1
        return any(self._seen(region) and (self._sound(region) or not only) for region in route.regions)

    def answer(self, at: float, route: str, client: str) -> tuple[str, ...]:
        """Answer a question of a client near a region, and have that written down."""
        regions = self.points(route, client)
        if len(regions) > 1:
            several = self._asked[route, client][0].policy is RoutePolicy.MULTIVALUE
            regions = tuple(self._chance.sample(regions, min(len(regions), MOST_VALUES) if several else 1))
        self._last[route, client] = regions
        self._recorder.dns(at, self._names[route], client, regions)
        return regions

    def look(self, at: float) -> None:
        """Ask every name from everywhere: what a health check changed may not go unseen for want of a client."""
        for route, client in self._asked:
            if self._last.get((route, client)) != self.points(route, client):
                self.answer(at, route, client)


@dataclass(slots=True)
class Resolver:
    """The resolver of one client group: it keeps an answer for its TTL, and ``extra_seconds`` longer.

    With ``ignores_ttl`` it keeps what it has, for ever, as some resolvers and many runtimes do.
    """

    dns: Dns
    route: Route
    client: str
    network: Network
    chance: Random
    extra_seconds: float = 0.0
    ignores_ttl: bool = False
    _regions: tuple[str, ...] = ()
    _until: float = field(default=float("-inf"))

    def resolve(self) -> tuple[tuple[str, ...], float]:
        """Return the regions that the name leads to for this group, and the seconds that asking takes."""
        now = self.network.kernel.now
        if self._regions and (now < self._until or self.ignores_ttl):
            return self._regions, 0.0
        self._regions = self.dns.answer(now, self.route.name, self.client)
        self._until = now + self.route.ttl_seconds + self.extra_seconds
        return self._regions, self.network.latencies.of("dns.query").draw(self.chance)

    def flush(self) -> None:
        """Forget what it has, as one that is started anew."""
        self._regions, self._until = (), float("-inf")


def routes_of(topology: Topology, client: str) -> list[Route]:
    """Return the routes that users near a region use: those that lead into their residency zone and nowhere else."""
    zone = topology.region(client).zone
    return [route for route in topology.routes if {topology.region(each).zone for each in route.regions} == {zone}]


def _preferred(route: Route, client: str, latencies: Latencies) -> tuple[str, ...]:
    """Return the regions of a route that may answer a client, the best first."""
    match route.policy:
        case RoutePolicy.LATENCY | RoutePolicy.GEOPROXIMITY:
            return tuple(sorted(route.regions, key=lambda region: _distance(client, region, latencies)))
        case RoutePolicy.GEOLOCATION:
            return _located(route.regions, client)
        case _:
            return route.regions


def _distance(client: str, region: str, latencies: Latencies) -> float:
    return 0.0 if client == region else latencies.between(client, region).p50


def _located(regions: Sequence[str], client: str) -> tuple[str, ...]:
    """The record of the client's continent, then the first one's, which is for whoever is on no named continent."""
    first, *others = regions
    here = "OC" if client in OCEANIA else _continent(client)
    return (*(region for region in others if _continent(region) == here), first)


def _continent(region: str) -> str:
    return CONTINENTS[region.partition("-")[0]]
