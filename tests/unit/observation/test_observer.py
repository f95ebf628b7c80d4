"""The prober: when it votes, when it is silent, and how one run follows another."""

import json
from dataclasses import replace
from unittest import mock

import pytest

from failover.adapters.memory.surroundings import NOON
from failover.errors import StoreUnreachableError
from failover.observation import Observer, SupersededError
from failover.ports import Answer
from failover.records import DatabaseRecord, Health, JournalEntry, LeaseRecord, LeaseState
from failover.topology import Topology
from tests.products import AP, EU, US, quickstart
from tests.unit.observation.sightings import Scene


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_it_is_silent_until_it_has_probed_often_enough_to_vote(scene: Scene) -> None:
    observer = scene.probed(2, scene.observer())
    assert (scene.store.votes(), scene.telemetry.seen) == ((), [])
    scene.probed(1, observer)
    assert {vote.subject for vote in scene.store.votes()} == {US, AP}


def test_it_never_votes_on_its_own_region(scene: Scene) -> None:
    scene.down = {US, AP, EU}
    scene.probed(5, scene.observer())
    assert EU not in {vote.subject for vote in scene.store.votes()}


def test_a_vote_says_what_was_seen_and_what_proves_it(scene: Scene) -> None:
    scene.down, scene.neutral = {US}, 2
    scene.probed(4, scene.observer(run=7))
    vote = scene.vote()
    assert (vote.health, vote.run, vote.unhealthy_seconds) == (Health.UNHEALTHY, 7, 5.0)
    assert vote.seen == scene.topology.observation.neutral[:2]
    assert vote.observed_at == NOON.replace(second=15)


def test_a_view_that_stays_is_told_again_before_it_is_stale(scene: Scene) -> None:
    observer = scene.observer()
    votes: list[int] = []
    for _ in range(13):
        scene.probed(1, observer)
        votes += [vote.sequence for vote in scene.store.votes() if vote.subject == US and vote.sequence not in votes]
    assert len(votes) == 6, "each ten seconds, which is half the time for which a vote is fresh"


def test_while_something_is_wrong_every_probe_is_told_and_wakes_the_decision(scene: Scene) -> None:
    scene.down = {US}
    scene.probed(5, scene.observer())
    assert [subject for subject, _ in scene.telemetry.woken] == [US] * 3
    assert scene.telemetry.seen.count((US, True)) == 3
    assert scene.telemetry.seen.count((AP, False)) == 3


def test_a_change_is_told_at_once_and_journalled_once(scene: Scene) -> None:
    observer = scene.probed(4, scene.observer())
    scene.down = {US}
    scene.probed(6, observer)
    scene.down = set()
    scene.probed(1, observer)
    assert scene.vote().health is Health.HEALTHY
    scene.probed(6, observer)
    assert scene.told() == [
        f"{US} HEALTHY",
        f"{AP} HEALTHY",
        f"{US} UNHEALTHY",
        f"{US} HEALTHY",
    ]


@pytest.mark.parametrize(("neutral", "health"), [(3, Health.UNHEALTHY), (2, Health.UNHEALTHY), (1, Health.UNKNOWN)])
def test_without_most_of_the_neutral_places_it_knows_nothing(scene: Scene, neutral: int, health: Health) -> None:
    scene.down, scene.neutral = {US}, neutral
    scene.probed(5, scene.observer())
    assert scene.vote().health is health


def test_an_observer_whose_own_region_does_not_answer_knows_nothing(scene: Scene) -> None:
    scene.down, scene.door = {US}, False
    scene.probed(5, scene.observer())
    assert scene.vote().health is Health.UNKNOWN
    assert f"https://{EU}.lever.quickstart.example/sight does not answer" in scene.vote().reason
    assert scene.vote(AP).health is Health.UNKNOWN


def test_a_vote_names_the_parts_at_fault_and_those_that_are_amiss(scene: Scene) -> None:
    parts = {"database_write": {"status": "unhealthy"}, "cache": {"status": "unhealthy"}}
    scene.answers[US] = Answer(200, json.dumps({"parts": parts}), 0.01)
    scene.answers[AP] = Answer(200, json.dumps({"zones": {"a": "unhealthy", "b": "healthy", "c": "healthy"}}), 0.01)
    scene.probed(3, scene.observer())
    assert (scene.vote().health, scene.vote().faults, scene.vote().degraded) == (
        Health.UNHEALTHY,
        ("database_write",),
        ("cache",),
    )
    assert (scene.vote(AP).health, scene.vote(AP).degraded) == (Health.HEALTHY, ("zone:a",))


def test_what_degrades_is_told_at_once_and_journalled_once(scene: Scene) -> None:
    observer = scene.probed(3, scene.observer())
    scene.answers[US] = Answer(200, json.dumps({"parts": {"cache": {"status": "unhealthy"}}}), 0.01)
    scene.probed(1, observer)
    assert scene.vote().degraded == ("cache",)
    scene.probed(5, observer)
    degraded = [entry.text for entry in scene.store.journal() if entry.kind == "DEGRADED"]
    assert degraded == [f"{US} is HEALTHY, degraded in it: cache"]


def test_an_observer_without_network_takes_its_word_back(scene: Scene) -> None:
    scene.down = {US}
    observer = scene.probed(5, scene.observer())
    scene.neutral = 0
    scene.probed(1, observer)
    assert {vote.health for vote in scene.store.votes()} == {Health.UNKNOWN}
    scene.neutral = 3
    scene.probed(2, observer)
    assert scene.vote().health is Health.UNKNOWN, "two misses since it sees again"


def test_a_store_that_does_not_answer_gets_no_vote_and_stops_nobody(scene: Scene) -> None:
    observer = scene.probed(3, scene.observer())
    voted = scene.vote()
    scene.store.reachable = False
    scene.down = {US}
    scene.probed(4, observer)
    scene.store.reachable = True
    assert scene.vote() == voted
    assert scene.telemetry.seen[-2:] == [(US, True), (AP, False)], "the alarms are told all the same"
    scene.probed(1, observer)
    vote = scene.vote()
    assert (vote.health, vote.unhealthy_seconds) == (Health.UNHEALTHY, 10.0)
    assert f"{US} UNHEALTHY" in scene.told()


def test_a_line_of_the_journal_that_is_lost_loses_no_vote(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(entry: JournalEntry) -> None:
        raise StoreUnreachableError("the journal does not answer")

    monkeypatch.setattr(scene.store, "append", full)
    scene.probed(3, scene.observer())
    assert scene.vote().health is Health.HEALTHY


class TestRuns:
    def test_the_next_run_goes_on_with_the_patience_of_the_last(self, scene: Scene) -> None:
        scene.down = {US}
        scene.probed(6, scene.observer(run=1))
        later = scene.on_another_machine()
        later.probed(3, later.observer(run=2))
        vote = later.vote()
        assert (vote.run, vote.health, vote.unhealthy_seconds) == (2, Health.UNHEALTHY, 15.0)

    def test_a_change_that_was_told_is_not_told_again_by_the_next_run(self, scene: Scene) -> None:
        scene.down = {US}
        scene.probed(6, scene.observer(run=1))
        later = scene.on_another_machine()
        later.probed(6, later.observer(run=2))
        assert scene.told() == [f"{US} UNHEALTHY", f"{AP} HEALTHY"]

    def test_an_old_vote_gives_no_patience(self, scene: Scene) -> None:
        """An hour without a run: nobody knows whether the region was up in between."""
        scene.down = {US}
        scene.probed(9, scene.observer(run=1))
        scene.clock.sleep(3600)
        later = scene.on_another_machine()
        later.probed(3, later.observer(run=2))
        vote = later.vote()
        assert (vote.health, vote.unhealthy_seconds) == (Health.UNHEALTHY, 0.0)

    def test_a_vote_of_another_health_gives_no_patience(self, scene: Scene) -> None:
        scene.probed(6, scene.observer(run=1))
        later = scene.on_another_machine()
        later.down = {US}
        later.probed(3, later.observer(run=2))
        assert later.vote().unhealthy_seconds == 0.0

    def test_the_older_run_stops_when_the_newer_has_voted(self, scene: Scene) -> None:
        scene.down = {US}
        older = scene.probed(3, scene.observer(run=1))
        scene.probed(3, scene.observer(run=2))
        with pytest.raises(SupersededError):
            older.probe()
        older.watch_until(scene.clock.elapsed() + 60)
        assert scene.clock.elapsed() == 30.0, "it returns without probing on"
        assert scene.vote().run == 2

    @pytest.mark.parametrize("step", [-3600.0, 3600.0])
    def test_a_wall_clock_that_jumps_changes_no_duration(self, scene: Scene, step: float) -> None:
        scene.down = {US}
        observer = scene.probed(4, scene.observer())
        scene.clock.skew_seconds = step
        scene.probed(2, observer)
        assert scene.vote().unhealthy_seconds == 15.0

    def test_a_run_that_cannot_read_the_last_ones_votes_begins_anew(self, scene: Scene) -> None:
        scene.down = {US}
        scene.probed(6, scene.observer(run=1))
        second = scene.probed(2, scene.observer(run=2))
        scene.store.reachable = False
        scene.probed(1, second)
        scene.store.reachable = True
        scene.probed(1, second)
        assert scene.vote().unhealthy_seconds == 5.0

    @pytest.mark.parametrize("skew", [-5.0, 0.0, 5.0])
    def test_the_wall_clock_of_a_machine_does_not_change_how_long_it_has_seen(self, scene: Scene, skew: float) -> None:
        scene.down = {US}
        scene.probed(6, scene.observer(run=1))
        later = scene.on_another_machine(skew)
        later.probed(3, later.observer(run=2))
        assert later.vote().unhealthy_seconds == 15.0


class TestWatching:
    def test_it_probes_at_its_period_until_the_deadline(self, scene: Scene) -> None:
        observer = scene.observer()
        observer.watch_until(60.0)
        assert (observer.probes, scene.clock.elapsed()) == (12, 60.0)

    def test_slow_probes_are_not_made_up_for(self, scene: Scene) -> None:
        answer = scene._answer

        def slow(url: str) -> object:
            scene.clock.sleep(1.5)
            return answer(url)

        observer = scene.observer()
        observer.ports.http.answers = slow  # type: ignore[attr-defined]
        observer.watch_until(60.0)
        assert observer.probes == 7, "six places of 1.5 s each take longer than a period"

    @pytest.mark.parametrize("dwell", [7.0, 10.0, 11.25])
    def test_the_end_of_the_dwell_time_is_told_when_it_comes(self, dwell: float) -> None:
        scene = Scene(topology=dwelling(dwell))
        scene.down = {US}
        told: list[tuple[float, float]] = []
        cast = scene.store.cast

        def heard(vote: object) -> None:
            cast(vote)  # type: ignore[arg-type]
            if vote.subject == US:  # type: ignore[attr-defined]
                told.append((scene.clock.elapsed(), vote.unhealthy_seconds))  # type: ignore[attr-defined]

        scene.store.cast = heard  # type: ignore[method-assign]
        scene.observer().watch_until(40.0)
        assert (10.0 + dwell, dwell) in told

    def test_what_comes_back_right_before_the_end_of_the_dwell_time_is_told_healthy(self) -> None:
        scene = Scene(topology=dwelling(7.0))
        scene.down = {US}
        observer, sleep = scene.observer(), scene.clock.sleep

        def back(seconds: float) -> None:
            if scene.clock.elapsed() >= 15.0:
                scene.down = set()
            sleep(seconds)

        scene.clock.sleep = back  # type: ignore[method-assign]
        observer.watch_until(18.0)
        vote = scene.vote()
        assert (vote.health, vote.observed_at) == (Health.HEALTHY, NOON.replace(second=17))

    def test_each_of_the_dwell_times_is_told_when_it_ends(self, scene: Scene) -> None:
        policy = replace(
            scene.topology.policy, dwell_seconds=6.0, database_dwell_seconds=11.0, flapping_dwell_seconds=33.0
        )
        scene = Scene(topology=replace(scene.topology, policy=policy), down={US})
        observer, moments = scene.observer(), set[float]()
        probe = observer.probe

        def noted() -> None:
            moments.add(scene.clock.elapsed())
            probe()

        with mock.patch.object(Observer, "probe", lambda _self: noted()):
            observer.watch_until(60.0)
        assert {16.0, 21.0, 43.0} <= moments


def dwelling(seconds: float) -> Topology:
    topology = quickstart()
    return replace(topology, policy=replace(topology.policy, dwell_seconds=seconds))


def test_votes_carry_how_long_each_lease_has_been_unrenewed(scene: Scene) -> None:
    scene.store.initialise([DatabaseRecord("orders", 1, US, 1, LeaseRecord(LeaseState.GRANTED, 4))])
    scene.down = {US}
    scene.probed(4, scene.observer())
    vote = scene.vote()
    (sighting,) = vote.leases
    assert (sighting.renewal, sighting.unrenewed_seconds) == (4, 15.0)


def test_a_database_that_was_never_initialised_stops_nobody(scene: Scene) -> None:
    observer: Observer = scene.probed(3, scene.observer())
    assert observer.leases.sightings(0.0) == ()
    assert scene.vote().health is Health.HEALTHY
