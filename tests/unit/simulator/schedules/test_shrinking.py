"""What is left of a schedule that breaks something is what breaks it, and is plain to read."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from rehearsal.form import Scenario, fitted, parse_scenario, written
from rehearsal.form.faults import ExecutorFrozen, GuardDead, RegionDown, Slow
from rehearsal.form.operations import Abort
from simulator.schedules import draw, shrunk
from tests.products import EU, US, quickstart

Breaks = Callable[[Scenario], bool]


def scenario(*steps: dict[str, Any]) -> Scenario:
    return parse_scenario({"proves": "it", "steps": [*steps, {"at": "99s", "expect": {"invariants": "hold"}}]})


def lines(found: Scenario) -> list[str]:
    return [step.told() for step in found.steps]


def having(*kinds: type) -> Breaks:
    """Breaks wherever there is something of each of these kinds."""

    def breaks(tried: Scenario) -> bool:
        things = [step.fault or step.operator for step in tried.steps]
        return all(any(isinstance(thing, kind) for thing in things) for kind in kinds)

    return breaks


def counted(breaks: Breaks) -> tuple[Breaks, list[str]]:
    asked: list[str] = []

    def asking(tried: Scenario) -> bool:
        asked.append(written(tried))
        return breaks(tried)

    return asking, asked


LONG = scenario(
    {"at": "3.217s", "fault": {"region_down": {"region": US, "calls": "hang"}}, "mark": "lost"},
    {"at": "4.5s", "fault": {"slow": {"region": EU, "seconds": 1.25}}, "mark": "slow"},
    {"at": "2.9s", "after": "slow", "heal": {"slow": {"region": EU, "seconds": 1.25}}},
    {"at": "7s", "upon": {"journal": "FENCED", "nth": 3, "by": "44.4s"}, "operator": {"abort": "a mistake"}},
    {"at": "21.1s", "after": "lost", "heal": {"region_down": {"region": US, "calls": "hang"}}},
    {"at": "70.3s", "heal": "all", "mark": "quiet"},
)


def test_what_breaks_nothing_is_left_out_with_its_heals() -> None:
    found = shrunk(LONG, having(Abort))
    assert [step.asked() for step in found.steps] == ["operator abort", "heal all", "expect invariants hold"]


def test_what_breaks_without_any_fault_is_left_without_one() -> None:
    found = shrunk(LONG, lambda _: True)
    assert lines(found) == ["at 71 s: heal all", "at 99 s: expect invariants hold"]


def test_two_faults_that_break_together_both_stay() -> None:
    kinds = (RegionDown, Abort)
    found = shrunk(LONG, having(*kinds))
    assert lines(found) == [
        f"at 0 s: fault region_down {US}",
        "at 0 s after journal FENCED, or 50 s: operator abort",
        "at 71 s: heal all",
        "at 99 s: expect invariants hold",
    ]


def test_a_heal_that_matters_stays_with_its_fault_and_changes_with_it() -> None:
    def breaks(tried: Scenario) -> bool:
        return any(isinstance(step.heal, RegionDown) for step in tried.steps)

    found = shrunk(LONG, breaks)
    assert lines(found)[:2] == [f"at 0 s: fault region_down {US}", f"at 1 s after lost: heal region_down {US}"]


def test_what_matters_of_an_argument_stays_and_the_rest_is_made_plain() -> None:
    frozen = {"step": "ChooseTarget", "region": EU, "write": 2, "times": 3, "seconds": 21.37}
    long = scenario(
        {"at": "8.5s", "fault": {"guard_dead": {"region": US, "frozen": True}}},
        {"at": "9.111s", "fault": {"executor_frozen": frozen}},
    )

    def breaks(tried: Scenario) -> bool:
        faults = [step.fault for step in tried.steps]
        guard = any(isinstance(fault, GuardDead) and fault.frozen for fault in faults)
        return guard and any(isinstance(fault, ExecutorFrozen) and fault.seconds > 15 for fault in faults)

    assert lines(shrunk(long, breaks))[:2] == [
        f"at 0 s: fault guard_dead {US} frozen=True",
        "at 0 s: fault executor_frozen ChooseTarget seconds=21.0",
    ]


def test_a_time_that_matters_is_rounded_and_no_earlier_than_it_must_be() -> None:
    def breaks(tried: Scenario) -> bool:
        return any(isinstance(step.fault, RegionDown) and step.seconds >= 3 for step in tried.steps)

    assert written(shrunk(LONG, breaks)).count("mark:") == 0
    assert lines(shrunk(LONG, breaks))[0] == f"at 3 s: fault region_down {US}"


def test_what_is_expected_stays_and_so_does_a_mark_that_it_counts_from() -> None:
    long = scenario(
        {"at": "5s", "fault": {"region_down": US}, "mark": "lost"},
        {"by": "9s", "after": "lost", "expect": {"writer": "none"}},
    )
    assert lines(shrunk(long, lambda tried: tried.steps[0].seconds >= 5)) == [
        "at 5 s: mark lost",
        "by 9 s after lost: expect writer none",
        "at 99 s: expect invariants hold",
    ]


@pytest.mark.parametrize("seed", range(0, 60, 6))
def test_whatever_is_left_still_breaks_can_be_read_and_is_the_same_each_time(seed: int) -> None:
    drawn = draw(quickstart(), seed)
    kinds = [type(thing) for step in drawn.steps if (thing := step.fault or step.operator) is not None][:2]
    breaks, asked = counted(having(*kinds))
    found = shrunk(drawn, breaks)
    assert having(*kinds)(found)
    assert sum(step.fault is not None or step.operator is not None for step in found.steps) == len(set(kinds))
    assert fitted(parse_scenario(_document(found)), quickstart())
    assert shrunk(drawn, having(*kinds)) == found
    assert len(asked) == len(set(asked)), "nothing is asked twice"


def test_nothing_is_asked_twice_and_only_what_could_be_read() -> None:
    def matters(tried: Scenario) -> bool:
        times = {type(step.fault): step.seconds for step in tried.steps if step.fault is not None}
        return times.get(RegionDown, 0.0) >= 3 and times.get(Slow, 0.0) >= 4.2

    breaks, asked = counted(matters)
    shrunk(LONG, breaks)
    assert len(asked) == len(set(asked))
    assert all(parse_scenario(yaml.safe_load(text)) for text in asked)


def test_steps_between_expectations_stay_in_their_order() -> None:
    long = scenario(
        {"at": "8.4s", "fault": {"region_down": US}},
        {"by": "20s", "expect": {"writer": "none"}},
        {"at": "9.7s", "operator": {"abort": "a mistake"}},
    )
    breaks, asked = counted(lambda tried: having(Abort, RegionDown)(tried) and tried.steps[0].seconds >= 8)
    assert lines(shrunk(long, breaks))[::2] == [f"at 8 s: fault region_down {US}", "at 10 s: operator abort"]
    assert all(parse_scenario(yaml.safe_load(text)) for text in asked)


def test_what_comes_earlier_now_stands_earlier() -> None:
    long = scenario(
        {"at": "20.5s", "fault": {"region_down": US}},
        {"at": "50s", "fault": {"guard_dead": EU}},
    )

    def breaks(tried: Scenario) -> bool:
        late = any(isinstance(step.fault, RegionDown) and step.seconds >= 20 for step in tried.steps)
        return late and having(GuardDead)(tried)

    assert lines(shrunk(long, breaks))[:2] == [f"at 0 s: fault guard_dead {EU}", f"at 20 s: fault region_down {US}"]


def test_it_asks_no_more_often_than_it_may() -> None:
    for budget in (0, 1, 7):
        breaks, asked = counted(having(Abort))
        found = shrunk(LONG, breaks, budget)
        assert len(asked) <= budget
        assert having(Abort)(found)


def _document(found: Scenario) -> Any:
    return yaml.safe_load(written(found))
