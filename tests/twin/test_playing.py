"""What stands between a scenario and the twin: every word can be played, and the journal is read in order."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from failover.records import JournalEntry
from rehearsal.form import FAULTS
from rehearsal.form.faults import ExecutorKilled, Fault, FaultKind, RegionDown
from rehearsal.stage import StageError
from twin.control_faults import ControlFaults
from twin.faults import Faults
from twin.flapping import Flapping
from twin.journal import JournalReader

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
WALL = NOON.timestamp()


def faults() -> Faults:
    machines = SimpleNamespace(on_state_left=lambda _hear: None)
    twin: Any = SimpleNamespace(aws=SimpleNamespace(machines=machines))
    return Faults(twin)


def line(seconds: float, region: str, kind: str = "VOTE") -> JournalEntry:
    return JournalEntry(NOON + timedelta(seconds=seconds), region, kind, kind.lower())


SIMULATED = {
    FaultKind.ANSWERS,
    FaultKind.REQUESTS,
    FaultKind.INVOCATIONS,
    FaultKind.EXECUTOR_FROZEN,
    FaultKind.FUNCTIONS_FROZEN,
    FaultKind.PROMOTION_SLOW,
    FaultKind.CAPACITY_MISSING,
}
"""What only virtual time can do; docs/drills.md marks them with a dagger."""


@pytest.mark.parametrize("kind", FAULTS.values(), ids=lambda kind: kind.__name__)
def test_every_kind_of_fault_can_be_played_or_is_refused_by_its_name(kind: type[Fault]) -> None:
    if kind.kind in SIMULATED:
        with pytest.raises(StageError, match=f"cannot play {kind.kind}"):
            faults().refuse_unknown([kind.model_construct()])
    else:
        faults().refuse_unknown([kind.model_construct()])


def test_a_death_at_another_write_than_the_first_is_refused() -> None:
    with pytest.raises(StageError, match="leave write out"):
        faults().refuse_unknown([ExecutorKilled(step="ChooseTarget", write=2)])


def test_a_kind_that_cannot_be_played_is_refused_by_its_name() -> None:
    class Earthquake(RegionDown):
        """A fault that no stage knows."""

    with pytest.raises(StageError, match="the twin cannot play"):
        faults().refuse_unknown([Earthquake(region="us-east-1")])


def test_a_step_is_run_by_the_function_of_its_name() -> None:
    dead: list[tuple[str, str, int]] = []
    deaths = SimpleNamespace(let_die=lambda name, *, region, times: dead.append((name, region, times)))
    twin: Any = SimpleNamespace(
        names=SimpleNamespace(function=lambda step: f"quickstart-{step}"),
        aws=SimpleNamespace(functions=SimpleNamespace(deaths=deaths)),
    )
    kind = FAULTS["executor_killed"]  # type: ignore[index]
    fault = kind.model_validate({"step": "PromoteDatabase", "times": 2})
    ControlFaults(twin).kinds[kind].apply(fault)
    assert dead == [("quickstart-promote_database", "*", 2)]


def test_the_journal_only_grows_at_its_end_and_tells_nothing_twice() -> None:
    reader = JournalReader()
    first, late, last = line(1, "eu-west-1"), line(2, "us-east-1"), line(3, "eu-west-1")
    reader.read([first, last], WALL, {})
    reader.read([first, late, last], WALL, {})
    reader.read([first, late, last], WALL, {})
    assert [each.at for each in reader.lines] == [1.0, 3.0, 2.0]


def test_two_lines_that_are_alike_are_two_lines() -> None:
    reader = JournalReader()
    reader.read([line(1, "eu-west-1")], WALL, {})
    reader.read([line(1, "eu-west-1"), line(1, "eu-west-1")], WALL, {})
    assert len(reader.lines) == 2


def test_what_a_wrong_clock_wrote_is_put_where_it_happened() -> None:
    reader = JournalReader()
    reader.read([line(-118, "eu-west-1", "LATE"), line(1, "us-east-1", "FIRST")], WALL, {"eu-west-1": -120.0})
    assert [(each.entry.kind, each.at, each.entry.at) for each in reader.lines] == [
        ("FIRST", 1.0, NOON + timedelta(seconds=1)),
        ("LATE", 2.0, NOON + timedelta(seconds=2)),
    ]


def test_what_flaps_goes_down_at_once_and_stays_as_it_is_at_the_end() -> None:
    turns: list[str] = []
    third = threading.Event()

    def down() -> None:
        turns.append("down")
        if turns.count("down") == 2:
            third.set()

    flapping = Flapping(0.05, down, lambda: turns.append("up"))
    assert third.wait(5.0)
    flapping.end()
    ended = list(turns)
    time.sleep(0.15)
    assert turns == ended
    assert ended[:3] == ["down", "up", "down"]
