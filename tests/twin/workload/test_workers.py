"""A worker runs in every region, and works in the one that is written."""

from __future__ import annotations

import time

import pytest

from tests.twin.workload.world import MASTER, US, World, eventually

pytestmark = pytest.mark.twin


def work(world: World, epoch: int) -> set[str]:
    """Where the worker worked under an epoch."""
    with world.servers[US].connect(MASTER.database) as session:
        found = session.execute("select place from lifeboat.work where epoch = %s and worker = 'nightly'", (epoch,))
        return {place for (place,) in found}


def test_it_works_where_the_gate_is_open_and_nowhere_else(world: World, epoch: int) -> None:
    eventually(lambda: work(world, epoch))
    time.sleep(2.2)  # the other region's has tried as well by then
    assert work(world, epoch) == {US}


def test_a_fence_ends_its_work_and_an_admission_lets_it_begin_under_the_new_epoch(world: World, epoch: int) -> None:
    eventually(lambda: work(world, epoch))
    world.gate(US).fence(epoch + 1)
    time.sleep(1.2)
    assert work(world, epoch + 1) == set()
    world.admit(US, epoch + 2)
    eventually(lambda: work(world, epoch + 2) == {US})
