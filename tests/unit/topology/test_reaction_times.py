"""Checks of 30 s and moves within 60 s are both kept: the one does not wait for the other."""

from pathlib import Path

import pytest

import topology_document
from stacks.constructs.lever_checks import FAILURE_THRESHOLD, INTERVAL_SECONDS

ROOT = Path(__file__).parents[3]
OWN_SHARE_SECONDS = 3


def seconds_to_move(product: str, route: str) -> float:
    """From the loss of a region to the last client's next question."""
    topology, _ = topology_document.load_whole(ROOT / "topologies" / f"{product}.yaml")
    seen = topology.observation.probe_seconds * topology.observation.misses
    (ttl,) = [each.ttl_seconds for each in topology.routes if each.name == route]
    lever = INTERVAL_SECONDS * FAILURE_THRESHOLD
    return seen + topology.policy.database_dwell_seconds + OWN_SHARE_SECONDS + lever + ttl


@pytest.mark.parametrize("zone", ["us", "eu", "apac"])
def test_mails_of_a_lost_region_are_rerouted_in_less_than_a_minute(zone: str) -> None:
    assert seconds_to_move("triage", zone) < 60


@pytest.mark.parametrize("zone", ["us", "eu", "apac"])
def test_route_53_looks_at_each_region_every_30_seconds(zone: str) -> None:
    _, infrastructure = topology_document.load_whole(ROOT / "topologies" / "triage.yaml")
    checks = infrastructure.steering[zone].checks
    assert checks is not None
    assert checks.interval_seconds == 30


def test_readers_of_reviews_are_moved_within_the_time_that_the_product_gives_a_failover() -> None:
    assert seconds_to_move("reviews", "app") <= 120
