from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.dns.policies import MOST_VALUES, choose
from twin.dns.records import GeoLocation, GeoProximity, RecordSet

US, EU, AP, DE = "us-east-1", "eu-west-1", "ap-southeast-1", "eu-central-1"


def record(identifier: str, **fields: object) -> RecordSet:
    return RecordSet("app.example.", "A", 20, (identifier,), set_identifier=identifier, **fields)  # type: ignore[arg-type]


def latency(*regions: str) -> list[RecordSet]:
    return [record(region, region=region) for region in regions]


def weighted(**weights: int) -> list[RecordSet]:
    return [record(name, weight=weight) for name, weight in weights.items()]


FAILOVER = [record("secondary", failover="SECONDARY"), record("primary", failover="PRIMARY")]
GEO = [
    record("default", geolocation=GeoLocation(country="*")),
    record("europe", geolocation=GeoLocation(continent="EU")),
    record("germany", geolocation=GeoLocation(country="DE")),
    record("america", geolocation=GeoLocation(continent="NA")),
    record("virginia", geolocation=GeoLocation(country="US", subdivision="VA")),
]
NO_DEFAULT = GEO[1:]


def answer(group: Sequence[RecordSet], client: str, sick: set[str]) -> set[str]:
    chosen = choose(group, client, lambda each: each.set_identifier not in sick, random.Random(1))
    return {each.set_identifier for each in chosen}


@pytest.mark.parametrize(
    ("group", "client", "sick", "expected"),
    [
        (latency(US, EU, AP), EU, set(), EU),
        (latency(US, EU, AP), DE, set(), EU),
        (latency(US, EU, AP), EU, {EU}, US),
        (latency(US, EU, AP), US, {US}, EU),
        (latency(US, EU, AP), AP, {US, EU, AP}, AP),
        (FAILOVER, EU, set(), "primary"),
        (FAILOVER, EU, {"primary"}, "secondary"),
        (FAILOVER, EU, {"secondary"}, "primary"),
        (FAILOVER, EU, {"primary", "secondary"}, "primary"),
        (weighted(a=1, b=0), EU, set(), "a"),
        (weighted(a=1, b=0), EU, {"a"}, "b"),
        (weighted(a=1, b=0), EU, {"a", "b"}, "a"),
        (GEO, US, set(), "virginia"),
        (GEO, US, {"virginia"}, "america"),
        (GEO, US, {"virginia", "america"}, "default"),
        (GEO, US, {"virginia", "america", "default"}, "virginia"),
        (GEO, "us-west-2", set(), "america"),
        (GEO, DE, set(), "germany"),
        (GEO, EU, set(), "europe"),
        (GEO, AP, set(), "default"),
        (NO_DEFAULT, EU, {"europe"}, "europe"),
        ([record("one")], EU, {"one"}, "one"),
    ],
)
def test_who_answers(group: list[RecordSet], client: str, sick: set[str], expected: str) -> None:
    assert answer(group, client, sick) == {expected}


def test_a_place_that_no_geolocation_record_covers_gets_no_answer() -> None:
    assert answer(NO_DEFAULT, AP, set()) == set()


def test_weights_share_the_answers() -> None:
    chance, group = random.Random(7), weighted(a=3, b=1, c=0)
    drawn = Counter(choose(group, US, lambda _: True, chance)[0].set_identifier for _ in range(2000))
    assert drawn["c"] == 0
    assert 0.70 < drawn["a"] / 2000 < 0.80


def test_when_every_weight_is_zero_all_are_answered_alike() -> None:
    chance, group = random.Random(7), weighted(a=0, b=0)
    drawn = Counter(choose(group, US, lambda _: True, chance)[0].set_identifier for _ in range(1000))
    assert 0.4 < drawn["a"] / 1000 < 0.6


def test_a_positive_bias_draws_clients_that_are_nearer_to_another_region() -> None:
    near = [record(EU, geoproximity=GeoProximity(EU)), record(US, geoproximity=GeoProximity(US))]
    drawn = [record(EU, geoproximity=GeoProximity(EU)), record(US, geoproximity=GeoProximity(US, bias=99))]
    pushed = [record(EU, geoproximity=GeoProximity(EU, bias=-99)), record(US, geoproximity=GeoProximity(US))]
    assert [answer(group, DE, set()) for group in (near, drawn, pushed)] == [{EU}, {US}, {US}]


@given(st.integers(1, 20), st.sets(st.integers(0, 19)))
def test_a_multivalue_answer_has_up_to_eight_healthy_records_and_is_never_empty(count: int, sick: set[int]) -> None:
    group = [record(str(number), multivalue=True) for number in range(count)]
    unhealthy = {str(number) for number in sick}
    healthy = {each.set_identifier for each in group} - unhealthy
    seen = answer(group, US, unhealthy)
    assert len(seen) == min(MOST_VALUES, len(healthy) or count)
    assert seen <= healthy or not healthy


GROUPS = [latency(US, EU, AP), FAILOVER, weighted(a=2, b=1, c=0), GEO, [record(x, multivalue=True) for x in "abc"]]


@given(st.sampled_from(GROUPS), st.sampled_from([US, EU, AP, DE]), st.data())
def test_an_unhealthy_record_is_answered_only_when_no_healthy_one_could_be(
    group: list[RecordSet], client: str, data: st.DataObject
) -> None:
    sick = data.draw(st.sets(st.sampled_from([each.set_identifier for each in group])))
    everyone = answer(group, client, set())
    seen = answer(group, client, sick)
    assert seen
    if seen & sick:
        assert everyone <= sick
