"""A seed is a schedule: valid, healed before the quiet, the same for ever, and like no other where it matters."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from failover.topology import DatasetKind
from rehearsal.form import FAULTS, OPERATIONS, FaultKind, OperationKind, Scenario, Step, fitted, parse_scenario, written
from rehearsal.form.faults import DatabaseDown, RegionDown
from rehearsal.form.steps import state_names
from simulator.schedules import draw
from simulator.schedules.moments import LINES, STATES
from tests.products import QUORUM, US, quickstart
from topology_document import load

ROOT = Path(__file__).parents[4]
TOPOLOGIES = [quickstart(), *(load(ROOT / "topologies" / f"{name}.yaml") for name in ("quickstart", "storefront"))]
SEEDS = range(1500)
DRAWN = [draw(quickstart(), seed) for seed in SEEDS]


def latest_moments(scenario: Scenario) -> list[tuple[float, Step]]:
    """When each step comes at the latest: events that never come count as come by their time."""
    marks: dict[str, float] = {}
    found = []
    for step in scenario.steps:
        since = step.upon.by if step.upon is not None else marks[step.after] if step.after is not None else 0.0
        found.append((since + step.seconds, step))
        if step.mark is not None:
            marks[step.mark] = since + step.seconds
    return found


@settings(deadline=None, max_examples=200)
@given(seed=st.integers(0, 10**9), topology=st.sampled_from(TOPOLOGIES))
def test_a_schedule_reads_back_as_it_was_written_and_fits(seed: int, topology: object) -> None:
    drawn = draw(topology, seed)  # type: ignore[arg-type]
    read = parse_scenario(yaml.safe_load(written(drawn)), name=drawn.name)
    assert read == drawn
    assert fitted(read, topology) is read  # type: ignore[arg-type]


def test_the_same_seed_is_the_same_schedule_and_another_one_is_not() -> None:
    texts = [written(draw(quickstart(), seed)) for seed in range(50)]
    assert texts == [written(draw(quickstart(), seed)) for seed in range(50)]
    assert len({text.split("\n", 1)[1] for text in texts}) == 50


def test_a_schedule_does_not_depend_on_the_order_in_which_kinds_are_named() -> None:
    kinds: list[FaultKind | OperationKind] = [
        FaultKind.REGION_DOWN,
        FaultKind.SLOW,
        OperationKind.ABORT,
        FaultKind.FLAPPING,
    ]
    assert all(draw(quickstart(), each, kinds) == draw(quickstart(), each, kinds[::-1]) for each in range(30))


def test_only_the_kinds_that_are_asked_for_are_drawn() -> None:
    kinds: set[FaultKind | OperationKind] = {FaultKind.EXECUTOR_FROZEN, FaultKind.DATABASE_DOWN, OperationKind.PAUSE}
    steps = [step for seed in range(200) for step in draw(quickstart(), seed, kinds).steps]
    assert {(step.fault or step.operator).kind for step in steps if step.fault or step.operator} == kinds  # type: ignore[union-attr]


def test_every_kind_of_fault_and_operation_is_drawn() -> None:
    seen = {each.kind for drawn in DRAWN for step in drawn.steps if (each := step.fault or step.operator) is not None}
    assert seen == {*FAULTS, *OPERATIONS}


def test_everything_is_healed_before_the_quiet_and_nothing_breaks_in_it() -> None:
    for drawn in DRAWN:
        *before, quiet, end = latest_moments(drawn)
        assert quiet[1].heal == "all"
        assert quiet[1].mark == end[1].after == "quiet"
        assert all(latest < quiet[0] for latest, _ in before)
        assert end[1].seconds >= 60


def test_nothing_breaks_twice_and_each_heal_mends_what_its_mark_broke() -> None:
    for drawn in DRAWN:
        faults = [step.fault for step in drawn.steps if step.fault is not None]
        assert len(faults) == len(set(faults))
        broken = {step.mark: step.fault for step in drawn.steps if step.fault is not None}
        heals = [step for step in drawn.steps if step.heal not in (None, "all")]
        assert all(step.heal == broken[step.after] if step.after else step.heal in faults for step in heals)


def test_half_of_the_schedules_lose_their_writer() -> None:
    lost = [
        any(isinstance(step.fault, RegionDown | DatabaseDown) and step.fault.region == US for step in drawn.steps)
        for drawn in DRAWN
    ]
    assert 0.5 <= sum(lost) / len(lost) <= 0.7


def test_schedules_differ_in_what_is_enabled_and_in_how_much() -> None:
    """Swarm: most leave most kinds out, and some use one kind again and again."""
    kinds = [Counter(step.fault.kind for step in drawn.steps if step.fault is not None) for drawn in DRAWN]
    assert {len(each) for each in kinds} >= {0, 1, 2, 3, 4, 5, 6}
    assert sum(max(each.values(), default=0) >= 3 for each in kinds) > len(DRAWN) / 50


def test_faults_come_upon_events_of_every_sort() -> None:
    events = [step.upon for drawn in DRAWN for step in drawn.steps if step.upon is not None]
    assert {event.kind for event in events} == {"entered", "left", "journal", "written"}
    assert {event.entered for event in events if event.entered} == {*STATES}
    assert {event.journal for event in events if event.journal} == {*LINES}


def test_the_states_and_lines_upon_which_faults_come_are_there() -> None:
    assert {*STATES} <= {*state_names()}
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "lambdas" / "failover").rglob("*.py"))
    assert {*LINES} <= {*re.findall(r'"([A-Z_]+)"', code)}


def test_a_topology_without_a_database_that_moves_has_schedules_too() -> None:
    topology = quickstart()
    home = tuple(replace(each, kind=DatasetKind.HOME_REGION, replicas=()) for each in topology.databases)
    for seed in range(200):
        drawn = draw(quickstart(databases=home), seed)
        assert not any(isinstance(step.fault, DatabaseDown) for step in drawn.steps)


def test_places_of_the_store_are_lost_and_its_witness_too() -> None:
    topology = quickstart(quorum=replace(quickstart().quorum, replicas=QUORUM[:2], witness=QUORUM[2]))
    kinds = {FaultKind.STORE_REPLICA_DOWN}
    steps = [step for seed in range(200) for step in draw(topology, seed, kinds).steps]
    assert {step.fault.region for step in steps if step.fault is not None} == {*QUORUM}  # type: ignore[attr-defined]


@pytest.mark.parametrize("seed", [1, 4711, 10**12])
def test_a_schedule_says_its_seed(seed: int) -> None:
    assert str(seed) in draw(quickstart(), seed).proves
    assert draw(quickstart(), seed).name == f"schedule-{seed}"
