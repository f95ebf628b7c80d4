"""Promises on how a model's health is reckoned and told."""

import pytest

from failover.model_versions import Answers, RegionalModel, Verdict, judge
from tests.unit.model_versions.regions import AP, EU, PLAN, Regions, everywhere


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        (Answers(100, 1, 0.5), Verdict.HEALTHY),
        (Answers(100, 2, 0.5), Verdict.UNHEALTHY),
        (Answers(100, 0, 0.6), Verdict.UNHEALTHY),
        (Answers(49, 49, 9.0), Verdict.UNSEEN),
        (Answers(), Verdict.UNSEEN),
    ],
)
def test_a_verdict_is_of_failures_and_slowness_and_of_enough_requests(answers: Answers, verdict: Verdict) -> None:
    assert judge(answers, least_health=0.99, least_requests=50, slow_seconds=0.5) is verdict


def test_twice_as_slow_is_half_as_healthy() -> None:
    assert Answers(100, 0, 1.0).health(0.5) == 0.5
    assert Answers(100, 50, 1.0).health(0.5) == 0.25


def test_more_failures_than_requests_are_no_negative_health() -> None:
    assert Answers(10, 30, None).health(0.5) == 0


def test_a_region_tells_the_health_of_what_its_users_get() -> None:
    world = everywhere("v1")
    world.records[AP] = RegionalModel(PLAN.name, "v1", candidate="v2", share=10)
    world.bad = {AP: {"v2"}}
    assert world.healths(AP) == pytest.approx(0.9)
    assert world.health[AP, None] == pytest.approx(0.9)
    assert (world.health[AP, "current"], world.health[AP, "candidate"]) == (1.0, 0.0)


def test_a_region_tells_of_itself_alone() -> None:
    world = everywhere("v1")
    world.bad = {EU: {"v1"}}
    assert world.healths(AP) == 1.0
    assert {region for region, _ in world.health} == {AP}


def test_a_region_that_uses_no_model_yet_is_healthy() -> None:
    assert Regions().healths(AP) == 1.0
