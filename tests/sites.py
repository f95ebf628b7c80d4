"""A topology of sites for tests: two places with two providers each, and a region of AWS in a third."""

from dataclasses import replace

from failover.topology import Capacity, Database, DatasetKind, Engine, Region, Role, Route, RoutePolicy, Site, Topology
from tests.products import quickstart

HETZNER, OVH, DIGITALOCEAN, LINODE = "frankfurt-hetzner", "frankfurt-ovh", "toronto-digitalocean", "toronto-linode"
CONTROL = ("eu-central-1", "ca-central-1", "ap-southeast-1")
FRANKFURT, TORONTO = ("frankfurt", "eu-central-1"), ("toronto", "ca-central-1")


def site(name: str, role: Role, zone: str, number: int, place: tuple[str, str], capacity: Capacity) -> Region:
    """A site by its name, which begins with its place and ends with its provider."""
    pair, near = place
    there = Site(name.removeprefix(f"{pair}-"), pair, near, (f"192.0.2.{number}",))
    return Region(name, role, zone, f"10.{number}.0.0/16", capacity, there)


def places(**changes: object) -> Topology:
    """Data of everybody with a copy in each place, and people's own in the one place with its two providers."""
    self_managed = replace(quickstart().databases[0], engine=Engine.SELF_MANAGED_POSTGRES, kind=DatasetKind.SINGLE)
    shared = replace(
        self_managed, name="shared", zone="EU", born_primary=HETZNER, replicas=(DIGITALOCEAN, OVH), also_in=("CA",)
    )
    home = _home("home-eu", "EU", HETZNER, OVH, self_managed)
    fields: dict[str, object] = {
        "name": "places",
        "domain": "places.example",
        "regions": (
            site(HETZNER, Role.PRIMARY, "EU", 10, FRANKFURT, Capacity(4, 4, 4)),
            site(OVH, Role.SECONDARY, "EU", 20, FRANKFURT, Capacity(5, 5, 1)),
            site(DIGITALOCEAN, Role.ACTIVE, "CA", 30, TORONTO, Capacity(4, 4, 4)),
            site(LINODE, Role.SECONDARY, "CA", 40, TORONTO, Capacity(5, 5, 1)),
        ),
        "control_regions": CONTROL,
        "databases": (shared, home, _home("home-ca", "CA", DIGITALOCEAN, LINODE, self_managed)),
        "routes": (
            Route("eu", RoutePolicy.FAILOVER, 20, (HETZNER, OVH), writes=True),
            Route("ca", RoutePolicy.FAILOVER, 20, (DIGITALOCEAN, LINODE), writes=True),
        ),
    }
    return quickstart(**{**fields, **changes})


def _home(name: str, zone: str, born_in: str, replica: str, like: Database) -> Database:
    return replace(like, name=name, zone=zone, born_primary=born_in, replicas=(replica,), port=5433)
