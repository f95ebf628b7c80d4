"""AWS Health's events about a region reach every control region, and none goes round in a circle."""

from dataclasses import replace

import pytest

from failover.topology import Topology
from failover.topology.health_relays import HealthRelay, health_relays
from tests.products import AP, EU, US, quickstart

OREGON = "us-west-2"


def with_regions(*names: str, control: tuple[str, ...] | None = None) -> Topology:
    """The quickstart, moved to other regions."""
    topology = quickstart()
    regions = tuple(replace(topology.regions[0], name=name) for name in names)
    return replace(topology, regions=regions, control_regions=control or names)


def test_the_backup_region_passes_on_what_is_about_others() -> None:
    assert health_relays(quickstart()) == (HealthRelay(OREGON, (US, EU, AP), (US, EU, AP)),)


def test_what_is_about_the_backup_region_comes_from_its_own() -> None:
    assert health_relays(with_regions(OREGON, EU, AP)) == (
        HealthRelay(OREGON, (EU, AP), (EU, AP)),
        HealthRelay(US, (OREGON,), (OREGON, EU, AP)),
    )


def test_nobody_is_told_what_nobody_would_hear() -> None:
    assert health_relays(with_regions(US, EU, control=(OREGON,))) == ()


@pytest.mark.parametrize("names", [(US, EU, AP), (OREGON, US, EU), (OREGON, EU), (US, EU)])
def test_every_region_has_at_most_one_relay_so_that_no_event_comes_back(names: tuple[str, ...]) -> None:
    relays = health_relays(with_regions(*names))
    about = [region for relay in relays for region in relay.about]
    assert sorted(about) == sorted(names)
    assert all(relay.region not in relay.to for relay in relays)
