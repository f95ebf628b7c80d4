"""An incident that nobody works on any more is noticed by the observers, each by its own clock alone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failover.adapters.memory.surroundings import NOON
from failover.errors import StoreUnreachableError
from failover.observation import IncidentWatch, Observer
from failover.records import Control, Health, Incident, IncidentSighting, IncidentState
from tests.products import AP, EU, US
from tests.unit.observation.sightings import Scene

LOST = Incident("i-1", US, AP, 4, IncidentState.OPEN, "R330", "down", NOON, "digest", ("orders",), beat=7)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def write(scene: Scene, incident: Incident | None) -> None:
    control = scene.store.control()
    scene.store.change_control(control, replace(control, incident=incident))


def beat(scene: Scene) -> None:
    incident = scene.store.control().incident
    assert incident is not None
    write(scene, replace(incident, beat=incident.beat + 1))


def watching(scene: Scene, observer: Observer, seconds: float) -> list[float]:
    """Watch for a while; returns when ``wake`` was called for the incident's silence."""
    woken: list[float] = []
    wake = scene.telemetry.wake

    def noted(subject: str, reason: str) -> None:
        if "was not seen working" in reason:
            woken.append(scene.clock.elapsed())
        wake(subject, reason)

    scene.telemetry.wake = noted  # type: ignore[method-assign]
    observer.watch_until(scene.clock.elapsed() + seconds)
    scene.telemetry.wake = wake  # type: ignore[method-assign]
    return woken


def test_the_clock_starts_when_a_sign_of_life_is_first_seen() -> None:
    watch = IncidentWatch()
    watch.saw(LOST, 10.0)
    watch.saw(LOST, 15.0)
    assert watch.sighting(17.5) == IncidentSighting("i-1", 4, 7, 7.5)


@pytest.mark.parametrize("change", [{"beat": 8}, {"term": 5}, {"id": "i-2"}])
def test_a_new_beat_term_or_incident_starts_it_again(change: dict[str, object]) -> None:
    watch = IncidentWatch()
    watch.saw(LOST, 10.0)
    watch.saw(replace(LOST, **change), 15.0)  # type: ignore[arg-type]
    assert watch.unrenewed_seconds(16.0) == 1.0


def test_what_waits_for_people_is_nobodys_to_take_over() -> None:
    watch = IncidentWatch()
    watch.saw(replace(LOST, state=IncidentState.HOLDING), 10.0)
    assert (watch.sighting(99.0), watch.unrenewed_seconds(99.0)) == (None, 0.0)
    watch.saw(LOST, 100.0)
    assert watch.unrenewed_seconds(101.0) == 1.0, "the time of holding does not count"


moments = st.tuples(st.floats(0, 8), st.floats(0, 3), st.sampled_from(["beat", "look", "next run", "close", "open"]))


@given(st.lists(moments, max_size=40))
def test_a_silence_is_never_longer_than_it_really_is(moves: list[tuple[float, float, str]]) -> None:
    now, alive_at, opened = 0.0, 0.0, 1
    incident: Incident | None = LOST
    watch, voted = IncidentWatch(), None
    for passes, answer_takes, move in moves:
        now += passes
        if move == "beat" and incident is not None:
            incident, alive_at = replace(incident, beat=incident.beat + 1), now
        elif move == "close":
            incident = None
        elif move == "open" and incident is None:
            opened += 1
            incident, alive_at = replace(LOST, id=f"i-{opened}"), now
        elif move == "look":
            now += answer_takes
            watch.saw(incident, now)
            voted = watch.sighting(now)
        elif move == "next run":
            now += answer_takes
            watch = IncidentWatch()
            watch.saw(incident, now)
            watch.continuing(voted, now)
        seen = watch.sighting(now)
        if seen and incident and (seen.incident, seen.beat) == (incident.id, incident.beat):
            assert seen.unrenewed_seconds <= now - alive_at + 0.001


class TestObserving:
    def test_a_dead_executor_is_told_the_moment_its_lease_ends_and_each_second_after(self, scene: Scene) -> None:
        observer = scene.probed(4, scene.observer())
        write(scene, LOST)
        begun = scene.clock.elapsed()
        woken = watching(scene, observer, 40.0)
        lease = scene.topology.policy.incident_lease_seconds
        assert [at - begun for at in woken[:4]] == [lease, lease + 1, lease + 2, lease + 3]
        assert scene.telemetry.woken[-1][0] == US
        assert scene.vote().incident == IncidentSighting("i-1", 4, 7, 39.0)

    def test_the_moment_is_the_leases_and_not_the_next_looks(self, scene: Scene) -> None:
        scene.topology = replace(scene.topology, policy=replace(scene.topology.policy, incident_lease_seconds=22.4))
        observer = scene.probed(4, scene.observer())
        write(scene, LOST)
        begun = scene.clock.elapsed()
        assert watching(scene, observer, 40.0)[0] - begun == pytest.approx(22.4)

    def test_one_that_works_wakes_nobody(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        observer = scene.probed(4, scene.observer())
        write(scene, LOST)
        look = Observer.look

        def worked(self: Observer) -> None:
            if int(scene.clock.elapsed()) % 20 == 1:
                beat(scene)
            look(self)

        monkeypatch.setattr(Observer, "look", worked)
        assert watching(scene, observer, 200.0) == []

    def test_every_probe_is_told_while_an_incident_is_open(self, scene: Scene) -> None:
        observer = scene.probed(4, scene.observer())
        before = scene.vote().sequence
        write(scene, LOST)
        scene.probed(4, observer)
        assert scene.vote().sequence == before + 2 * 4
        assert (scene.vote().health, scene.vote(AP).incident) == (
            Health.HEALTHY,
            IncidentSighting("i-1", 4, 7, 15.0),
        )

    def test_without_one_the_store_is_read_once_in_a_probe(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        reads: list[float] = []
        control = scene.store.control

        def read() -> Control:
            reads.append(scene.clock.elapsed())
            return control()

        monkeypatch.setattr(scene.store, "control", read)
        scene.observer().watch_until(60.0)
        assert reads == [5.0 * number for number in range(12)]

    def test_one_that_closes_ends_the_looking(self, scene: Scene) -> None:
        observer = scene.probed(4, scene.observer())
        write(scene, LOST)
        watching(scene, observer, 10.0)
        write(scene, None)
        assert watching(scene, observer, 60.0) == []
        assert scene.vote().incident is None

    def test_the_next_run_goes_on_counting(self, scene: Scene) -> None:
        observer = scene.probed(4, scene.observer(run=1))
        write(scene, LOST)
        watching(scene, observer, 20.0)
        later = scene.on_another_machine()
        woken = watching(later, later.observer(run=2), 30.0)
        assert woken[0] == 21.0, "its third probe is at 10 s, and the run before it voted 19 s of silence"

    def test_a_run_that_has_not_voted_yet_leaves_it_to_the_one_before(self, scene: Scene) -> None:
        write(scene, LOST)
        scene.topology = replace(scene.topology, policy=replace(scene.topology.policy, incident_lease_seconds=3.0))
        woken = watching(scene, scene.observer(), 30.0)
        assert woken[0] == 10.0, "its third probe"

    def test_a_store_that_does_not_answer_proves_no_life_and_no_death(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        observer = scene.probed(4, scene.observer())
        write(scene, LOST)
        scene.probed(2, observer)
        with monkeypatch.context() as lost:

            def unreachable() -> None:
                raise StoreUnreachableError("no replica answers")

            lost.setattr(scene.store, "control", unreachable)
            scene.probed(2, observer)
        beat(scene)
        scene.probed(1, observer)
        sighting = scene.vote().incident
        assert sighting is not None
        assert (sighting.beat, sighting.unrenewed_seconds) == (8, 0.0)

    def test_an_incident_of_its_own_region_is_watched_too(self, scene: Scene) -> None:
        observer = scene.probed(4, scene.observer())
        write(scene, replace(LOST, owner=EU))
        assert watching(scene, observer, 40.0)
