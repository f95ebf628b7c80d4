"""Whom Route 53 answers, by policy and health, and for how long a resolver goes on with it."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from failover.topology import Region, Role, Route, RoutePolicy, Topology
from simulator.world.dns import Dns, Resolver
from simulator.world.recorder import Recorder
from tests.products import AP, EU, US, quickstart
from tests.unit.simulator.world_outside.scene import latencies, network

TTL = 20


class Asked:
    """DNS of a topology whose regions are evacuated or not."""

    def __init__(self, topology: Topology) -> None:
        self.topology, self.away, self.recorder = topology, set[str](), Recorder()
        self.dns = Dns(
            topology, latencies(still=True), Random(1), lambda region: region not in self.away, self.recorder
        )

    def answer(self, client: str) -> tuple[str, ...]:
        return self.dns.answer(0.0, "app", client)


def routed(policy: RoutePolicy, *regions: str) -> Asked:
    return Asked(quickstart(routes=(Route("app", policy, TTL, regions or (US, EU, AP), writes=True),)))


def test_latency_answers_the_nearest_region_that_is_not_evacuated() -> None:
    asked = routed(RoutePolicy.LATENCY)
    assert [asked.answer(client) for client in (US, EU, AP)] == [(US,), (EU,), (AP,)]
    asked.away = {US}
    assert [asked.answer(client) for client in (US, EU, AP)] == [(EU,), (EU,), (AP,)]
    asked.away = {US, EU}
    assert [asked.answer(client) for client in (US, EU, AP)] == [(AP,), (AP,), (AP,)]


@pytest.mark.parametrize("policy", list(RoutePolicy))
def test_when_all_are_evacuated_it_is_answered_as_if_none_were(policy: RoutePolicy) -> None:
    asked = routed(policy, US, EU)
    before = asked.dns.points("app", EU)
    asked.away = {US, EU}
    assert asked.dns.points("app", EU) == before != ()


def test_failover_answers_the_second_region_only_without_the_first() -> None:
    asked = routed(RoutePolicy.FAILOVER, US, EU)
    assert asked.answer(EU) == (US,)
    asked.away = {US}
    assert asked.answer(US) == (EU,)


def test_geolocation_answers_by_continent_and_the_first_region_for_everybody_else() -> None:
    asked = routed(RoutePolicy.GEOLOCATION, US, EU)
    assert [asked.answer(client) for client in (US, EU, AP)] == [(US,), (EU,), (US,)]
    asked.away = {EU}
    assert asked.answer(EU) == (US,)
    asked.away = {US}
    assert asked.answer(US) == (US,)  # no other record covers America


def test_weights_spread_users_over_what_is_sound() -> None:
    asked = routed(RoutePolicy.WEIGHTED)
    asked.away = {EU}
    assert {asked.answer(US) for _ in range(50)} == {(US,), (AP,)}
    assert asked.dns.points("app", US) == (US, AP)


def test_multivalue_answers_all_that_are_sound() -> None:
    asked = routed(RoutePolicy.MULTIVALUE)
    asked.away = {EU}
    assert sorted(asked.answer(US)) == [AP, US]


def test_users_are_asked_for_no_route_of_another_residency_zone() -> None:
    topology = quickstart(
        regions=(
            Region(US, Role.PRIMARY, "US", "10.10.0.0/16"),
            Region(EU, Role.SECONDARY, "EU", "10.20.0.0/16"),
            Region(AP, Role.SECONDARY, "EU", "10.30.0.0/16"),
        ),
        routes=(
            Route("app", RoutePolicy.LATENCY, TTL, (US,), writes=True),
            Route("eu", RoutePolicy.LATENCY, TTL, (EU, AP), writes=True),
        ),
    )
    asked = Asked(topology)
    asked.dns.look(0.0)
    assert {(each.name, each.client, each.regions) for each in asked.recorder.dns_answers} == {
        ("app.quickstart.example", US, (US,)),
        ("eu.quickstart.example", EU, (EU,)),
        ("eu.quickstart.example", AP, (AP,)),
    }


def test_a_change_is_seen_once_from_everywhere_though_nobody_asks() -> None:
    asked = routed(RoutePolicy.LATENCY)
    asked.dns.look(1.0)
    asked.away = {US}
    asked.dns.look(2.0)
    asked.dns.look(3.0)
    assert [(each.at, each.client, each.regions) for each in asked.recorder.dns_answers if each.at > 1.0] == [
        (2.0, US, (EU,))
    ]


class TestResolver:
    """One client's cache."""

    def setup_method(self) -> None:
        self.asked, self.network = routed(RoutePolicy.LATENCY), network()
        route = self.asked.topology.routes[0]
        self.resolver = Resolver(self.asked.dns, route, US, self.network, Random(1))

    def resolved(self, at: float) -> tuple[str, ...]:
        self.network.kernel.run(at)
        return self.resolver.resolve()[0]

    def test_it_keeps_an_answer_for_its_time_to_live_and_no_longer(self) -> None:
        assert self.resolved(1.0) == (US,)
        self.asked.away = {US}
        assert self.resolved(1.0 + TTL - 0.1) == (US,)
        assert self.resolved(1.0 + TTL) == (EU,)

    def test_asking_takes_time_and_remembering_none(self) -> None:
        assert self.resolver.resolve()[1] > 0.0
        assert self.resolver.resolve()[1] == 0.0

    def test_one_that_ignores_the_time_to_live_leads_to_a_dead_region_until_it_is_mended(self) -> None:
        self.resolved(1.0)
        self.asked.away, self.resolver.ignores_ttl = {US}, True
        assert self.resolved(1000.0) == (US,)
        self.resolver.ignores_ttl = False
        assert self.resolved(1001.0) == (EU,)

    def test_one_may_overstay(self) -> None:
        self.resolver = replace(self.resolver, extra_seconds=60.0)
        self.resolved(1.0)
        self.asked.away = {US}
        assert self.resolved(1.0 + TTL + 59.0) == (US,)
        assert self.resolved(1.0 + TTL + 60.0) == (EU,)

    def test_one_that_is_started_anew_asks_anew(self) -> None:
        self.resolved(1.0)
        self.asked.away = {US}
        self.resolver.flush()
        assert self.resolved(2.0) == (EU,)
