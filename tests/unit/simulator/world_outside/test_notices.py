"""A zone's name leads to its notice when nothing of the zone answers, and to no other zone; and back again."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from failover.invariants import NOTICE
from failover.topology import DatasetKind, Region, Role, Route, RoutePolicy, Topology
from rehearsal.form.fault_kinds import Failing
from simulator.world.clients import written_in
from simulator.world.dns import Dns
from simulator.world.entrances import INTERVAL_SECONDS, LOOKS, Entrances
from simulator.world.recorder import Recorder
from tests.products import AP, EU, US, quickstart
from tests.sites import DIGITALOCEAN, HETZNER, LINODE, OVH, places
from tests.unit.simulator.world_outside.scene import latencies, network


def at_home() -> Topology:
    """Two countries of which neither may have the other's data, and a route for each."""
    people = replace(quickstart().databases[0], kind=DatasetKind.HOME_REGION, replicas=())
    return quickstart(
        regions=(Region(US, Role.PRIMARY, "US", "10.1.0.0/16"), Region(EU, Role.ACTIVE, "EU", "10.2.0.0/16")),
        databases=(replace(people, name="people-us"), replace(people, name="people-eu", born_primary=EU)),
        routes=tuple(
            Route(name, RoutePolicy.LATENCY, 20, (region,), writes=True) for name, region in (("us", US), ("eu", EU))
        ),
    )


class Asked:
    """DNS of the two countries; regions are ``away`` by their lever, or not ``seen`` at their entrance."""

    def __init__(self, topology: Topology) -> None:
        self.away, self.unseen = set[str](), set[str]()
        self.dns = Dns(
            topology,
            latencies(still=True),
            Random(1),
            lambda region: region not in self.away,
            Recorder(),
            notices=[route.name for route in topology.routes],
            seen=lambda region: region not in self.unseen,
        )


def test_a_country_without_its_region_reads_its_notice_and_the_other_notices_nothing() -> None:
    asked = Asked(at_home())
    asked.unseen = {EU}
    assert asked.dns.points("eu", EU) == (NOTICE,)
    assert asked.dns.points("us", US) == (US,)
    asked.unseen = set()
    assert asked.dns.points("eu", EU) == (EU,)


def test_an_evacuated_only_region_is_a_notice_too() -> None:
    asked = Asked(at_home())
    asked.away = {EU}
    assert asked.dns.points("eu", EU) == (NOTICE,)


def test_of_several_regions_the_last_one_that_is_seen_keeps_the_notice_away() -> None:
    asked = Asked(quickstart())
    asked.unseen = {US, EU}
    assert asked.dns.points("app", US) != (NOTICE,)
    asked.unseen = {US, EU, AP}
    assert asked.dns.points("app", US) == (NOTICE,)


def test_an_entrance_counts_as_gone_after_three_looks_and_as_back_after_three() -> None:
    net, changes = network("1", still=True), list[float]()
    entrances = Entrances([EU, US], net, Random(1), changes.append)
    entrances.start()
    net.kernel.run(60.0)
    assert entrances.seen(EU) and changes == []
    net.down[EU] = Failing.HANG
    net.settle()
    net.kernel.run(60.0 + (LOOKS - 1) * INTERVAL_SECONDS)
    assert entrances.seen(EU), "two looks are not enough"
    net.kernel.run(60.0 + LOOKS * INTERVAL_SECONDS + 0.1)
    assert not entrances.seen(EU) and entrances.seen(US)
    del net.down[EU]
    net.settle()
    net.kernel.run(60.0 + 2 * LOOKS * INTERVAL_SECONDS + 0.2)
    assert entrances.seen(EU) and len(changes) == 2


def test_users_write_where_their_name_leads_when_no_database_moves() -> None:
    assert written_in(at_home()) == {US: ["people-us"], EU: ["people-eu"]}
    assert written_in(quickstart()) == {US: ["orders"], EU: ["orders"], AP: ["orders"]}
    assert written_in(places()) == {
        HETZNER: ["shared", "home-eu"],
        OVH: ["shared", "home-eu"],
        DIGITALOCEAN: ["shared", "home-ca"],
        LINODE: ["shared", "home-ca"],
    }
