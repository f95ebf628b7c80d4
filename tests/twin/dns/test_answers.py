from __future__ import annotations

import random

import pytest

from twin.dns.answers import Answers, Line, OwnedByAws, Reply, Sources
from twin.dns.records import AliasTarget, RecordSet, Zone

US, EU = "us-east-1", "eu-west-1"
SOA = "ns-1.awsdns-1.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"
ELB = "alb-1.eu-west-1.elb.amazonaws.com."


def a(name: str, value: str, ttl: int = 60, **fields: object) -> RecordSet:
    return RecordSet(f"{name}.", "A", ttl, (value,), **fields)  # type: ignore[arg-type]


def alias(name: str, target: str, *, evaluate: bool = True, **fields: object) -> RecordSet:
    return RecordSet(f"{name}.", "A", alias=AliasTarget(f"{target}.", evaluate), **fields)  # type: ignore[arg-type]


def cname(name: str, value: str, ttl: int = 20, **fields: object) -> RecordSet:
    return RecordSet(f"{name}.", "CNAME", ttl, (value,), **fields)  # type: ignore[arg-type]


ROUTE = [
    cname("app.q.example", f"{region}.origin.q.example", set_identifier=region, region=region, health_check=region)
    for region in (US, EU)
]
ORIGINS = [alias(f"{US}.origin.q.example", ELB.replace(EU, US).rstrip(".")), a(f"{EU}.origin.q.example", "127.0.2.2")]


class Zones:
    def __init__(self, *records: RecordSet) -> None:
        soa = RecordSet("q.example.", "SOA", 900, (SOA,))
        self.zones = [Zone.of("Z", "q.example", [soa, *records])]
        self.unhealthy: set[str] = set()
        self.sick_targets: set[str] = set()
        self.aws = {ELB: ("127.0.2.2",), ELB.replace(EU, US): ("127.0.1.2",)}
        sources = Sources(
            lambda: self.zones,
            lambda check: check not in self.unhealthy,
            self._owned,
            lambda name: name not in self.sick_targets,
        )
        self._answers = Answers(sources, random.Random(3))

    def _owned(self, name: str) -> OwnedByAws | None:
        return OwnedByAws(self.aws.get(name, ()), 5) if name.endswith(".amazonaws.com.") else None

    def ask(self, name: str, kind: str = "A", client: str = EU) -> Reply:
        return self._answers.reply(name, kind, client)


def test_a_route_is_followed_to_the_address_of_its_region() -> None:
    reply = Zones(*ROUTE, *ORIGINS).ask("APP.q.example")
    assert reply.lines == (
        Line("app.q.example.", "CNAME", 20, f"{EU}.origin.q.example"),
        Line(f"{EU}.origin.q.example.", "A", 60, "127.0.2.2"),
    )


def test_the_lever_of_a_region_moves_its_clients() -> None:
    zones = Zones(*ROUTE, *ORIGINS)
    zones.unhealthy = {EU}
    assert zones.ask("app.q.example").addresses == ("127.0.1.2",)


def test_when_every_lever_is_pulled_all_are_answered_as_if_none_was() -> None:
    zones = Zones(*ROUTE, *ORIGINS)
    zones.unhealthy = {US, EU}
    assert [zones.ask("app.q.example", client=client).addresses for client in (US, EU)] == [
        ("127.0.1.2",),
        ("127.0.2.2",),
    ]


def test_an_alias_to_a_load_balancer_has_sixty_seconds() -> None:
    reply = Zones(alias("q.example", ELB.rstrip("."))).ask("q.example")
    assert reply.lines == (Line("q.example.", "A", 60, "127.0.2.2"),)


def test_an_alias_to_a_record_has_that_records_values_and_ttl() -> None:
    reply = Zones(alias("www.q.example", "app.q.example"), a("app.q.example", "127.0.2.2", 7)).ask("www.q.example")
    assert reply.lines == (Line("www.q.example.", "A", 7, "127.0.2.2"),)


def test_aws_names_are_answered_themselves() -> None:
    assert Zones().ask(ELB).lines == (Line(ELB, "A", 5, "127.0.2.2"),)
    assert Zones().ask("gone.eu-west-1.elb.amazonaws.com").outcome == "NXDOMAIN"


@pytest.mark.parametrize(
    ("name", "kind", "outcome", "has_soa"),
    [
        ("nowhere.q.example", "A", "NXDOMAIN", True),
        (f"{EU}.origin.q.example", "AAAA", "NOERROR", True),
        ("origin.q.example", "A", "NOERROR", True),
        ("example.org", "A", "REFUSED", False),
        ("dangling.q.example", "A", "NXDOMAIN", True),
        ("away.q.example", "A", "NOERROR", False),
        ("loop.q.example", "A", "SERVFAIL", False),
    ],
)
def test_what_is_not_there_is_said_rightly(name: str, kind: str, outcome: str, has_soa: bool) -> None:
    pointers = [
        cname("dangling.q.example", "nowhere.q.example"),
        cname("away.q.example", "elsewhere.example.org"),
        cname("loop.q.example", "loop.q.example"),
    ]
    reply = Zones(*ORIGINS, *pointers).ask(name, kind)
    assert (reply.outcome, reply.soa is not None, reply.addresses) == (outcome, has_soa, ())


def test_a_denial_is_kept_for_the_lesser_of_the_soas_times() -> None:
    soa = Zones().ask("nowhere.q.example").soa
    assert soa is not None
    assert soa.ttl_seconds == 900


def test_the_longest_zone_answers() -> None:
    zones = Zones(a("x.sub.q.example", "127.0.1.2"))
    zones.zones.append(Zone.of("Z2", "sub.q.example", [a("x.sub.q.example", "127.0.2.2")]))
    assert zones.ask("x.sub.q.example").addresses == ("127.0.2.2",)


TREE = [
    alias("app.q.example", "us.q.example", set_identifier="us", region=US),
    alias("app.q.example", "eu.q.example", set_identifier="eu", region=EU),
    a("us.q.example", "127.0.1.2", set_identifier="1", weight=1, health_check="us-1"),
    a("us.q.example", "127.0.1.3", set_identifier="2", weight=0, health_check="us-2"),
    a("eu.q.example", "127.0.2.2", set_identifier="1", weight=1, health_check="eu-1"),
]


@pytest.mark.parametrize(
    ("unhealthy", "expected"),
    [
        (set(), "127.0.1.2"),
        ({"us-1"}, "127.0.1.3"),
        ({"us-1", "us-2"}, "127.0.2.2"),
        ({"us-1", "us-2", "eu-1"}, "127.0.1.2"),
    ],
)
def test_a_branch_without_a_healthy_record_is_left(unhealthy: set[str], expected: str) -> None:
    zones = Zones(*TREE)
    zones.unhealthy = unhealthy
    assert zones.ask("app.q.example", client=US).addresses == (expected,)


def test_an_alias_that_does_not_evaluate_its_target_stays() -> None:
    records = [alias("app.q.example", "us.q.example", evaluate=False, set_identifier="us", region=US), *TREE[1:]]
    zones = Zones(*records)
    zones.unhealthy = {"us-1", "us-2"}
    assert zones.ask("app.q.example", client=US).addresses == ("127.0.1.2",)


def test_an_alias_obeys_its_load_balancers_targets_and_its_own_check() -> None:
    records = [
        alias("app.q.example", ELB.rstrip("."), set_identifier="p", failover="PRIMARY", health_check="p"),
        a("app.q.example", "127.0.1.2", set_identifier="s", failover="SECONDARY"),
    ]
    zones = Zones(*records)
    assert zones.ask("app.q.example").addresses == ("127.0.2.2",)
    zones.sick_targets = {ELB}
    assert zones.ask("app.q.example").addresses == ("127.0.1.2",)
    zones.sick_targets, zones.unhealthy = set(), {"p"}
    assert zones.ask("app.q.example").addresses == ("127.0.1.2",)


def test_an_alias_to_nothing_is_not_healthy_and_an_alias_loop_ends() -> None:
    records = [
        alias("app.q.example", "gone.q.example", set_identifier="p", failover="PRIMARY"),
        a("app.q.example", "127.0.1.2", set_identifier="s", failover="SECONDARY"),
        alias("ring.q.example", "ring.q.example"),
    ]
    zones = Zones(*records)
    assert zones.ask("app.q.example").addresses == ("127.0.1.2",)
    assert zones.ask("ring.q.example").addresses == ()


def test_an_ipv6_alias_to_a_load_balancer_has_no_ipv4_address() -> None:
    record = RecordSet("q.example.", "AAAA", alias=AliasTarget(ELB))
    reply = Zones(record).ask("q.example", "AAAA")
    assert (reply.outcome, reply.lines) == ("NOERROR", ())
