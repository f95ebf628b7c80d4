"""Where sites are on the twin: one address for all that a site has, and a place on the map near a region of AWS."""

from tests.products import quickstart
from tests.sites import DIGITALOCEAN, HETZNER, places
from twin.network import AddressPlan
from twin.sites.loopback import on_loopback

PLACES = places()
PLAN = AddressPlan.of(PLACES)


def test_a_sites_public_addresses_are_its_entrance_on_the_twin() -> None:
    moved = on_loopback(PLACES, PLAN)
    site = moved.site(HETZNER)
    assert site is not None
    assert site.addresses == (PLAN.load_balancer(HETZNER),)
    assert [each.name for each in moved.regions] == [each.name for each in PLACES.regions]


def test_a_topology_without_sites_stays_as_it_is() -> None:
    topology = quickstart()
    assert on_loopback(topology, AddressPlan.of(topology)) == topology


def test_all_databases_of_a_site_are_at_its_entrance_and_listen_at_ports_of_their_own() -> None:
    entrance = PLAN.load_balancer(HETZNER)
    assert {PLAN.database(each.name, HETZNER) for each in PLACES.databases} == {entrance}
    here = [(each.service, each.port) for each in PLAN.listeners() if each.address == entrance]
    assert len(here) == len(set(here)), "no port is given twice"
    assert ("agent", PLAN.ports.agent) in here
    held = [each for each in PLACES.databases if HETZNER in each.regions]
    assert {("postgres", PLAN.ports.mapped(each.port)) for each in held} <= set(here)


def test_a_site_is_on_the_map_where_its_nearest_region_is_and_every_other_region_where_it_is() -> None:
    assert PLAN.near_on_the_map(DIGITALOCEAN) == "ca-central-1"
    assert PLAN.near_on_the_map("eu-central-1") == "eu-central-1"
