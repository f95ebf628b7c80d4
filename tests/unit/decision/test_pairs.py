"""In a place with two providers the other one of them comes before every other place, as far as its copy is good."""

from dataclasses import replace

import pytest

from failover.decision import Candidate, best_targets
from failover.decision.targets import refusals
from tests.sites import DIGITALOCEAN, HETZNER, LINODE, OVH, places

SHARED = places().database("shared")
TOGETHER = places(
    databases=(replace(SHARED, together="all"), replace(SHARED, name="settings", together="all", rpo_seconds=30))
)


def best(*candidates: Candidate) -> str | None:
    target = best_targets(places(), ["shared"], {"shared": candidates})["shared"]
    return target.region if target else None


def test_the_other_provider_takes_over_although_another_place_would_lose_less() -> None:
    assert best(Candidate(DIGITALOCEAN, 0.0), Candidate(OVH, 40.0, beside=True)) == OVH


@pytest.mark.parametrize("loss", [61.0, None], ids=["over its objective", "unknown"])
def test_data_leaves_the_place_before_more_of_it_is_lost_than_is_allowed(loss: float | None) -> None:
    assert best(Candidate(DIGITALOCEAN, 50.0), Candidate(OVH, loss, beside=True)) == DIGITALOCEAN


def test_where_the_other_provider_is_refused_another_place_takes_over() -> None:
    assert best(Candidate(OVH, None, "evacuated", beside=True), Candidate(DIGITALOCEAN, 20.0)) == DIGITALOCEAN


@pytest.mark.parametrize(("loss", "chosen"), [(30.0, OVH), (31.0, DIGITALOCEAN)])
def test_of_databases_that_move_together_the_strictest_objective_counts(loss: float, chosen: str) -> None:
    fit = (Candidate(DIGITALOCEAN, 5.0), Candidate(OVH, loss, beside=True))
    targets = best_targets(TOGETHER, ["shared", "settings"], {"shared": fit, "settings": fit})
    assert {target and target.region for target in targets.values()} == {chosen}


def test_who_was_passed_over_for_it_is_told_that() -> None:
    candidates = {"shared": (Candidate(OVH, 20.0, beside=True), Candidate(DIGITALOCEAN, 0.0))}
    told = refusals(candidates, best_targets(places(), ["shared"], candidates))
    assert told == {
        f"shared in {DIGITALOCEAN}": "fit, but not in the writer's own place: "
        f"it would lose at most 0 s, {OVH} at most 20 s"
    }


def test_two_providers_of_one_place_are_a_pair_and_nobody_else_is() -> None:
    assert places().are_a_pair(HETZNER, OVH)
    assert places().are_a_pair(LINODE, DIGITALOCEAN)
    assert not places().are_a_pair(OVH, DIGITALOCEAN)
    assert not places().are_a_pair(HETZNER, "eu-central-1")
