"""Who lives at which loopback address.

Region number n has 127.0.n.x; what its functions send comes from 127.0.(50+n).x; people near it, who are in
no region, have 127.0.(100+n).x; Route 53's checkers have 127.0.250.x. Linux answers on the whole of
127.0.0.0/8 without being told.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Final

from failover.topology import Topology
from failover.topology.health_relays import health_relays
from twin.network.ports import SERVERS_OF_A_HOST, Listener, Ports

OPERATOR: Final = "127.0.0.1"
HOME: Final = "us-east-1"
OUTSIDE: Final = "outside"
USERS: Final = f"{OUTSIDE}/users"
ROUTE53: Final = f"{OUTSIDE}/checkers"
CHECKERS: Final = "127.0.250"
EDGES: Final = f"{OUTSIDE}/edges"
EDGE: Final = "127.0.252"
FUNCTIONS_OFFSET: Final = 50
USERS_OFFSET: Final = 100
MOST_REGIONS: Final = 49
MOST_DATABASES: Final = 200
MOST_KEPT: Final = 44


@dataclass(frozen=True, slots=True)
class AddressPlan:
    """The addresses of one twin: regions in the order of their numbers, databases in the topology's order.

    ``near`` maps each site outside AWS to the region of AWS whose distances stand for its own.
    """

    regions: tuple[str, ...]
    databases: tuple[str, ...]
    ports: Ports = field(default_factory=Ports)
    near: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, topology: Topology, ports: Ports | None = None) -> "AddressPlan":
        """Return the plan of a topology.

        Numbers go to its regions, the other replicas of the quorum store, us-east-1, and then to what is
        left: control regions, neutral places and the relays of AWS Health that are none of these.

        Raises:
            ValueError: more regions or databases than there are addresses for.
        """
        quorum, neutral = topology.quorum.replicas, _neutral_regions(topology)
        relays = (relay.region for relay in health_relays(topology))
        ordered = (*topology.region_names, *quorum, HOME, *topology.control_regions, *neutral, *relays)
        regions = tuple(dict.fromkeys(ordered))
        if len(regions) > MOST_REGIONS or len(topology.databases) > MOST_DATABASES:
            raise ValueError(
                f"{len(regions)} regions and {len(topology.databases)} databases: the twin has addresses for "
                f"{MOST_REGIONS} regions and {MOST_DATABASES} databases in each; drill a smaller topology"
            )
        near = {each.name: each.site.near for each in topology.regions if each.site is not None}
        return cls(regions, tuple(database.name for database in topology.databases), ports or Ports(), near)

    def with_ports(self, ports: Ports) -> "AddressPlan":
        """Return the same addresses with other ports."""
        return replace(self, ports=ports)

    def number(self, region: str) -> int:
        """The region's number, from 1; ``KeyError`` when the twin has no such region."""
        if region not in self.regions:
            raise KeyError(f"{region}: not a region of this twin; it has {', '.join(self.regions)}")
        return self.regions.index(region) + 1

    def vantage(self, region: str) -> str:
        """Where callers in the region find AWS, and the source address of all that runs there."""
        return f"127.0.{self.number(region)}.1"

    def load_balancer(self, region: str) -> str:
        """Where ``*.{region}.elb.amazonaws.com`` is."""
        return f"127.0.{self.number(region)}.2"

    def api_gateway(self, region: str) -> str:
        """Where ``*.execute-api.{region}.amazonaws.com`` is."""
        return f"127.0.{self.number(region)}.3"

    def neutral(self, region: str) -> str:
        """Where ``dynamodb.{region}.amazonaws.com`` is, which observers ask whether they can see at all."""
        return f"127.0.{self.number(region)}.4"

    def database(self, database: str, region: str) -> str:
        """Where the region's PostgreSQL server of a database is; the first database has .10.

        All that a site has is at its entrance, its databases at ports of their own.
        """
        if database not in self.databases:
            raise KeyError(f"{database}: not a database of this twin; it has {', '.join(self.databases)}")
        if region in self.near:
            return self.load_balancer(region)
        return f"127.0.{self.number(region)}.{10 + self.databases.index(database)}"

    def kept(self, identifier: str, region: str) -> str:
        """Where the server of an instance is that was renamed, above all databases; nobody is told of it."""
        number = int.from_bytes(sha256(identifier.encode()).digest()[:4]) % MOST_KEPT
        return f"127.0.{self.number(region)}.{10 + MOST_DATABASES + number}"

    def functions(self, region: str) -> str:
        """The source address of the region's functions, so that an observer can be cut off and its users not."""
        return f"127.0.{FUNCTIONS_OFFSET + self.number(region)}.1"

    def users(self, region: str) -> str:
        """The source address of people near the region: Route 53 places them there, no cut of it is theirs."""
        return f"127.0.{USERS_OFFSET + self.number(region)}.1"

    def checker(self, number: int) -> str:
        """The source address of one of Route 53's health checkers, outside all regions; numbers from 1."""
        return f"{CHECKERS}.{number}"

    @property
    def edge(self) -> str:
        """Where ``*.cloudfront.net`` is: in no region, near everybody."""
        return f"{EDGE}.1"

    def place(self, address: str) -> str:
        """The region whose location Route 53 would give to a query from that address.

        The operator, the checkers and unknown addresses count as being near us-east-1.
        """
        third = _third(address)
        offset = max((each for each in (0, FUNCTIONS_OFFSET, USERS_OFFSET) if each < third), default=0)
        number = third - offset
        return self.regions[number - 1] if 1 <= number <= len(self.regions) else HOME

    def near_on_the_map(self, region: str) -> str:
        """The region of AWS where a region is, or to which a site is near."""
        return self.near.get(region, region)

    def owner(self, address: str) -> str | None:
        """The region that an address belongs to, or who is outside: users, checkers, edges; else ``None``."""
        return self.owners().get(address.rpartition(".")[0])

    def owners(self) -> dict[str, str]:
        """The first three numbers of each address in use, and who is there."""
        regions = {f"127.0.{number}": region for number, region in enumerate(self.regions, 1)}
        functions = {
            f"127.0.{FUNCTIONS_OFFSET + number}": f"{region}/functions" for number, region in enumerate(self.regions, 1)
        }
        users = {f"127.0.{USERS_OFFSET + number}": USERS for number in range(1, len(self.regions) + 1)}
        return regions | functions | users | {CHECKERS: ROUTE53, EDGE: EDGES}

    def listeners(self) -> Iterator[Listener]:
        """Every address and port at which something of the twin may listen."""
        yield Listener(OPERATOR, self.ports.api, "api")
        yield Listener(OPERATOR, self.ports.dns, "dns")
        yield Listener(self.edge, self.ports.https, "https")
        for region in self.regions:
            yield Listener(self.vantage(region), self.ports.api, "api")
            for address in (self.load_balancer(region), self.api_gateway(region), self.neutral(region)):
                yield Listener(address, self.ports.https, "https")
            if region in self.near:
                yield Listener(self.load_balancer(region), self.ports.agent, "agent")
                for number in range(SERVERS_OF_A_HOST):
                    yield Listener(self.load_balancer(region), self.ports.postgres + number, "postgres")
                continue
            for database in self.databases:
                yield Listener(self.database(database, region), self.ports.postgres, "postgres")


def _neutral_regions(topology: Topology) -> tuple[str, ...]:
    hosts = (url.partition("://")[2].partition("/")[0] for url in topology.observation.neutral)
    names = (host.split(".") for host in hosts if host.endswith(".amazonaws.com"))
    return tuple(labels[1] for labels in names if len(labels) == 4)


def _third(address: str) -> int:
    parts = address.split(".")
    return int(parts[2]) if len(parts) == 4 and parts[:2] == ["127", "0"] else 0
