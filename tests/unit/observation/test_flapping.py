"""How often a region turned unhealthy, by the observer's own clock and across its runs."""

from dataclasses import replace

import pytest

from failover.records import Health
from tests.products import US
from tests.unit.observation.sightings import BLIND, MISSED, SERVED, UNSEEN, Scene, watched

DOWN = [MISSED] * 3


@pytest.mark.parametrize(
    ("seen", "flaps"),
    [
        ([SERVED] * 4, 0),
        ([MISSED, MISSED, SERVED, MISSED, MISSED], 0),
        ([*DOWN, MISSED, MISSED], 1),
        ([*DOWN, SERVED, *DOWN, SERVED], 2),
        ([*DOWN, SERVED, *DOWN, SERVED, *DOWN], 3),
        ([*DOWN, BLIND, *DOWN], 1),
        ([*DOWN, UNSEEN, *DOWN], 1),
        ([*DOWN, BLIND, SERVED, *DOWN], 2),
    ],
)
def test_a_turn_is_from_served_to_unhealthy(seen: list[object], flaps: int) -> None:
    """Blindness in between is no recovery that anybody saw."""
    assert len(watched(seen).turned_seconds(1000.0, 1000.0)) == flaps  # type: ignore[arg-type]


def test_only_turns_within_the_window_count() -> None:
    watch = watched([*DOWN, SERVED, *DOWN])  # at 10 s and at 30 s
    assert watch.turned_seconds(60.0, 100.0) == (50.0, 30.0)
    assert watch.turned_seconds(60.0, 40.0) == (30.0,)
    assert watch.turned_seconds(90.0, 40.0) == ()


def flap(scene: Scene, observer: object, times: int) -> None:
    for _ in range(times):
        scene.down = {US}
        scene.probed(4, observer)  # type: ignore[arg-type]
        scene.down = set()
        scene.probed(4, observer)  # type: ignore[arg-type]


def test_votes_count_them() -> None:
    scene = Scene()
    observer = scene.observer()
    flap(scene, observer, 2)
    assert (scene.vote().health, scene.vote().flaps) == (Health.HEALTHY, 2)
    scene.down = {US}
    scene.probed(3, observer)
    assert (scene.vote().health, scene.vote().flaps) == (Health.UNHEALTHY, 3)


@pytest.mark.parametrize("down", [False, True])
def test_the_next_run_knows_them_and_counts_none_twice(down: bool) -> None:
    scene = Scene()
    observer = scene.observer(run=1)
    flap(scene, observer, 2)
    scene.down = {US} if down else set()
    scene.probed(4, observer)
    before = scene.vote()
    later = scene.on_another_machine()
    later.probed(4, later.observer(run=2))
    vote = later.vote()
    assert (vote.run, vote.health, vote.flaps) == (2, before.health, before.flaps)
    assert vote.flaps == (3 if down else 2)


def test_a_turn_that_a_run_sees_while_it_is_silent_is_counted() -> None:
    scene = Scene()
    flap(scene, scene.observer(run=1), 1)
    later = scene.on_another_machine()
    later.down = {US}
    later.probed(3, later.observer(run=2))
    assert (later.vote().health, later.vote().flaps) == (Health.UNHEALTHY, 2)


def test_a_region_that_was_down_and_is_not_seen_at_the_change_of_runs_has_not_turned() -> None:
    scene = Scene(down={US})
    scene.probed(4, scene.observer(run=1))
    later = scene.on_another_machine()
    later.neutral = 0
    observer = later.probed(2, later.observer(run=2))
    later.neutral = 3
    later.probed(4, observer)
    assert (later.vote().health, later.vote().flaps) == (Health.UNHEALTHY, 1)


def test_they_are_forgotten_when_the_window_is_over() -> None:
    scene = Scene()
    scene.topology = replace(scene.topology, observation=replace(scene.topology.observation, flap_window_seconds=100.0))
    observer = scene.observer()
    flap(scene, observer, 1)
    assert scene.vote().flaps == 1
    scene.probed(20, observer)
    assert scene.vote().flaps == 0
