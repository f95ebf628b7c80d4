"""Every drill once more in virtual time: the same steps and machines, in another interleaving than on the twin."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from simulator.latencies import COMPRESSED, Latencies
from tests.simulated_drills.playing import DRILLS, OF_PRODUCTS, not_held, played

SEED: Final = 1
MORE_SEEDS: Final = (2, 3)
"""What a product's document promises is played in more interleavings than what the machinery does."""

LATENCIES: Final = Latencies.read(COMPRESSED)

OTHERWISE: Final = {
    "partition-outbound": "the twin cuts connections, and here packets are cut: us-east-1 cannot answer either",
}
"""Drills that do not hold here, and why. One that does after all must be taken out."""


def _parameter(drill: Path) -> object:
    why = OTHERWISE.get(drill.stem)
    marks = [pytest.mark.xfail(reason=why, strict=True)] if why is not None else []
    return pytest.param(drill, id=drill.stem, marks=marks)


@pytest.mark.parametrize("drill", [_parameter(each) for each in DRILLS])
def test_a_drill_holds_in_virtual_time(drill: Path) -> None:
    assert not not_held(played(drill, SEED, LATENCIES))


@pytest.mark.parametrize("seed", MORE_SEEDS)
@pytest.mark.parametrize("drill", OF_PRODUCTS, ids=lambda each: each.stem)
def test_a_products_drill_holds_in_other_interleavings(drill: Path, seed: int) -> None:
    assert not not_held(played(drill, seed, LATENCIES))
