"""Sites are failed over as regions are: by the same machine, first inside their place, never out of their law."""

from dataclasses import replace

import pytest

from failover.adapters.memory import MemoryCompute, MemoryObjects
from failover.errors import RequestInvalidError
from failover.procedures.candidates import candidates_of
from failover.procedures.requests import Machine, read_request
from failover.topology import Capacity, Role
from tests.sites import CONTROL, DIGITALOCEAN, FRANKFURT, HETZNER, LINODE, OVH, places, site
from tests.worlds import World

HERE = CONTROL[1]


def written(world: World) -> dict[str, str]:
    return {each.name: world.store.database(each.name).writer for each in world.topology.databases}


@pytest.fixture
def world() -> World:
    world = World(places())
    world.run(12)
    return world


def test_a_lost_provider_is_failed_over_inside_its_place_and_nowhere_else(world: World) -> None:
    world.copies["shared", DIGITALOCEAN].position += 500  # it has more, and is far
    world.kill(HETZNER)
    world.run(90)
    assert written(world) == {"shared": OVH, "home-eu": OVH, "home-ca": DIGITALOCEAN}
    assert list(world.store.control().evacuated) == [HETZNER]
    assert [each.facts["outcome"] for each in world.store.journal() if each.kind == "OUTCOME"] == ["FAILED_OVER"]


def test_a_place_without_any_provider_left_is_paged_and_its_people_are_led_nowhere_else(world: World) -> None:
    world.kill(HETZNER)
    world.kill(OVH)
    world.run(90)
    assert written(world)["home-eu"] == HETZNER
    assert not world.store.control().evacuated
    assert world.pager.pages


def test_the_other_place_may_have_what_is_everybodys_and_never_what_is_a_persons(world: World) -> None:
    ports, records = world.ports(HERE), [world.store.database(name) for name in ("shared", "home-eu")]
    found = candidates_of(ports, world.topology, records, world.store.control(), ())
    assert [(each.region, each.beside) for each in found["shared"]] == [(OVH, True), (DIGITALOCEAN, False)]
    wide = replace(world.topology.database("home-eu"), replicas=(OVH, DIGITALOCEAN))
    world.topology = replace(world.topology, databases=(world.topology.databases[0], wide))
    world.copies["home-eu", DIGITALOCEAN] = world.copies["shared", DIGITALOCEAN]
    (_, refused) = candidates_of(ports, world.topology, records[1:], world.store.control(), ())["home-eu"]
    assert (refused.region, refused.refused) == (DIGITALOCEAN, "outside the residency zone EU")


def test_a_person_cannot_ask_for_it_either(world: World) -> None:
    records = [world.store.database(name) for name in written(world)]
    asked = {"subject": HETZNER, "reason": "maintenance", "target": DIGITALOCEAN, "databases": ["home-eu"]}
    with pytest.raises(RequestInvalidError, match=r"zone CA, and home-eu may not leave EU; one of: frankfurt-ovh"):
        read_request(Machine.DATABASE_FAILOVER, asked, world.topology, records, HERE)


def test_nobody_asks_aws_for_nodes_or_objects_of_a_site(world: World) -> None:
    compute, objects = world.services.compute, world.services.objects
    assert isinstance(compute, MemoryCompute)
    assert isinstance(objects, MemoryObjects)
    objects.rules.clear()
    world.kill(HETZNER)
    world.run(90)
    assert not compute.described
    assert not compute.asked
    told = {entry.kind: entry.text for entry in world.store.journal()}
    assert told["CAPACITY_STANDS"] == (
        "nodes of sites are their providers', taken as the topology says: 5 in frankfurt-ovh"
    )
    assert told["REPLICATION_NOT_OURS"].startswith("frankfurt-ovh is a site and has no bucket of Lifeboat's")


def test_a_backup_provider_with_too_few_machines_takes_over_nothing() -> None:
    short = site(OVH, Role.SECONDARY, "EU", 20, FRANKFURT, Capacity(3, 3, 1))
    world = World(places(regions=(places().regions[0], short, *places().regions[2:])))
    world.run(12)
    world.kill(HETZNER)
    world.run(90)
    assert written(world)["home-eu"] == HETZNER
    assert any("R315" in title + text for title, text in world.pager.pages)


def test_the_other_places_go_on_while_one_is_failed_over(world: World) -> None:
    world.kill(DIGITALOCEAN)
    world.run(90)
    assert written(world) == {"shared": HETZNER, "home-eu": HETZNER, "home-ca": LINODE}
