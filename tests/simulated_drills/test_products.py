"""The products' own drills in many interleavings, and what share of the document's times AWS's latencies leave."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from simulator.latencies import COMPRESSED, Latencies
from tests.simulated_drills.playing import OF_PRODUCTS, ROOT, not_held, played

SEEDS: Final = range(1, 31)

HELD_BY_AWS: Final = {
    "reviews-region-lost": 27,
    "reviews-reading-region-lost": 30,
    "reviews-third-region-writes": 24,
    "reviews-database-lost": 9,
}
"""So many of the seeds hold with AWS's latencies, at least: what ``docs/coverage.md`` says of each stands on it. An
Aurora failover alone takes 45 s at the median there, so the document's minute for a lost database is seldom kept."""


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("drill", OF_PRODUCTS, ids=lambda each: each.stem)
def test_a_products_drill_holds_in_every_interleaving_with_compressed_latencies(drill: Path) -> None:
    broken = _broken(drill, compressed=True)
    assert not broken, broken


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("name", "least"), HELD_BY_AWS.items())
def test_a_drill_of_reviews_holds_as_often_as_is_said_with_awss_latencies(
    name: str, least: int, record_property: Callable[[str, object], None]
) -> None:
    broken = _broken(ROOT / "drills" / f"{name}.yaml", compressed=False)
    record_property("held", f"{len(SEEDS) - len(broken)} of {len(SEEDS)}")
    assert len(SEEDS) - len(broken) >= least, broken


def _broken(drill: Path, *, compressed: bool) -> dict[int, list[str]]:
    with ProcessPoolExecutor(2) as pool:
        found = dict(zip(SEEDS, pool.map(partial(_not_held, drill, compressed=compressed), SEEDS), strict=True))
    return {seed: each for seed, each in found.items() if each}


def _not_held(drill: Path, seed: int, *, compressed: bool) -> list[str]:
    return not_held(played(drill, seed, Latencies.read(COMPRESSED) if compressed else Latencies.read()))
