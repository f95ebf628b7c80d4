"""Whoever looks on sees what happens as it happens: what is written, gates, writes, promotions, states."""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from failover.invariants import Execution
from failover.records import Control, LossAllowed, Vote
from rehearsal.history import Outcome
from simulator.checking import Write
from simulator.latencies import COMPRESSED, Latencies
from simulator.watching import Watching
from simulator.world.witnessing import look_on
from simulator.world.world import World
from tests.products import AP, EU, US, quickstart
from tests.unit.simulator.world_inside.deployed import fault

LATENCIES = Latencies.read(COMPRESSED)


@dataclass
class Told:
    """In the place of the director and of the checker: notes what each is told."""

    heard_: list[tuple[str, str, str]] = field(default_factory=list)
    calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = field(default_factory=list)

    def heard(self, kind: str, name: str, region: str) -> None:
        """As the director."""
        self.heard_.append((kind, name, region))

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments, **more: self.calls.append((name, arguments, more))

    def of(self, name: str) -> list[tuple[Any, ...]]:
        """What the checker was told by this name."""
        return [arguments for each, arguments, _ in self.calls if each == name]


class Scene:
    """A world that somebody looks on."""

    def __init__(self) -> None:
        self.world = World(quickstart(), "1", LATENCIES)
        self.director, self.checker = Told(), Told()
        self.covered: Counter[tuple[str, str]] = Counter()
        self.watching = Watching(self.world, self.director, self.checker, self.covered)  # type: ignore[arg-type]
        look_on(self.world, self.watching)
        self.world.begin()

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        self.world.kernel.run(self.world.kernel.now + seconds)


@pytest.fixture(scope="module")
def failed_over() -> Scene:
    scene = Scene()
    scene.run(20.0)
    scene.world.faults.apply(fault(region_down=US))
    scene.run(130.0)
    scene.world.kernel.end()
    assert scene.world.records[0].writer == EU
    return scene


def test_everything_that_is_written_is_heard_with_its_kind_and_whence(failed_over: Scene) -> None:
    heard = failed_over.director.heard_
    assert {name for kind, name, _ in heard if kind == "written"} >= {"control", "database", "vote", "journal"}
    assert {region for kind, name, region in heard if (kind, name) == ("written", "vote")} == {US, EU, AP}
    assert {region for kind, name, region in heard if (kind, name) == ("written", "database")} >= {US, EU}


def test_a_line_of_the_journal_is_heard_by_its_kind(failed_over: Scene) -> None:
    heard = failed_over.director.heard_
    lines = [entry.kind for entry in failed_over.world.table.journal]
    assert [name for kind, name, _ in heard if kind == "journal"] == lines
    assert "ADMITTED" in lines


def test_the_checker_sees_every_item_in_the_order_in_which_it_took_effect(failed_over: Scene) -> None:
    stored = failed_over.checker.of("stored")
    assert [at for _, at in stored] == sorted(at for _, at in stored)
    controls = [record.version for record, _ in stored if isinstance(record, Control)]
    assert controls == list(range(controls[0], controls[0] + len(controls)))
    assert any(isinstance(record, Vote) for record, _ in stored)


def test_states_are_heard_when_they_are_entered_and_left(failed_over: Scene) -> None:
    states = [(kind, name) for kind, name, _ in failed_over.director.heard_ if kind in ("entered", "left")]
    assert states.index(("entered", "RevokeLease")) < states.index(("left", "RevokeLease"))
    assert states.count(("entered", "AdmitWriter")) == states.count(("left", "AdmitWriter")) == 1
    assert failed_over.covered["AdmitWriter", "region_down"] == 1


def test_acknowledged_writes_are_told_with_their_place_and_failed_ones_are_not(failed_over: Scene) -> None:
    told = [write for _, write in failed_over.checker.of("acknowledged")]
    writes = failed_over.world.recorder.writes
    good = [each for each in writes if each.outcome is Outcome.ACKNOWLEDGED]
    assert len(told) == len(good) < len(writes)
    assert all(isinstance(each, Write) for each in told)
    assert {each.region for each in told} == {US, EU}
    assert failed_over.watching.served == {each.group: each.ended_at for each in good}


def test_a_gate_is_told_in_the_worlds_own_time(failed_over: Scene) -> None:
    gates = failed_over.checker.of("gate")
    lease = failed_over.world.topology.lease
    here = [(at, until) for at, _, region, epoch, until in gates if (region, epoch) == (US, 1)]
    assert here
    for at, until in here:
        assert lease.lease_seconds - 3 * lease.margin_seconds < until - at < lease.lease_seconds
    shut = [(at, until) for at, _, region, _, until in gates if region == EU and until <= at]
    assert shut, "a copy that was promoted is shut until it is admitted"


def test_a_gate_whose_row_is_another_servers_is_told_as_shut() -> None:
    scene = Scene()
    scene.world.copies["orders", US].extend(1, 1e12)
    scene.run(5.0)
    scene.world.copies["orders", EU].promote()
    now = scene.world.kernel.now
    scene.world.kernel.end()
    assert [(at, until) for at, _, region, _, until in scene.checker.of("gate") if region == EU] == [(now, now)]


def test_a_promotion_is_told_when_it_is_done_and_by_whom(failed_over: Scene) -> None:
    ((name, (at, database, region), more),) = [each for each in failed_over.checker.calls if each[0] == "promoted"]
    (promotion,) = failed_over.world.recorder.promotions
    assert (name, at, database, region, more) == ("promoted", promotion.done_at, "orders", EU, {"by_hand": False})


def test_executions_are_told_when_they_begin_and_when_they_end(failed_over: Scene) -> None:
    told = [record.status for record, _ in failed_over.checker.of("recorded") if isinstance(record, Execution)]
    assert told == ["RUNNING", "SUCCEEDED"]


def test_a_promotion_by_hand_is_told_as_such() -> None:
    scene = Scene()
    scene.world.promotions.by_hand.add(("orders", AP))
    scene.world.promotions.promote("orders", AP, loss=LossAllowed.CONSENTED)
    scene.run(60.0)
    scene.world.kernel.end()
    assert [more for name, _, more in scene.checker.calls if name == "promoted"] == [{"by_hand": True}]


def test_a_state_beside_two_faults_counts_for_both_kinds_once() -> None:
    scene = Scene()
    for each in (fault(guard_dead=EU), fault(guard_dead=AP), fault(observer_down=AP)):
        scene.world.faults.apply(each)
    scene.watching.state(1.0, "entered", EU, "FenceSource")
    scene.watching.state(1.0, "left", EU, "FenceSource")
    scene.world.kernel.end()
    assert scene.covered == {("FenceSource", "guard_dead"): 1, ("FenceSource", "observer_down"): 1}


def test_an_evacuation_wakes_the_checkers_of_its_region(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene()
    stirred: list[tuple[str, ...]] = []
    monkeypatch.setattr(scene.world.outside.checks, "stir", lambda *regions: stirred.append(regions))
    control = scene.world.control
    for evacuated in ({}, {US: "one"}, {US: "one"}, {US: "one", AP: "two"}, {}):
        scene.watching.stored(replace(control, evacuated=evacuated), 1.0, EU)
    scene.world.kernel.end()
    assert stirred == [(US,), (AP,), (AP, US)]
