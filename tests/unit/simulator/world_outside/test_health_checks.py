"""The lever as Route 53's checkers see it: one that says evacuated is enough, and nobody rests too long."""

from __future__ import annotations

from random import Random

import pytest

from rehearsal.form.fault_kinds import Amiss, Failing, Source
from rehearsal.form.gray_faults import Answers
from simulator.kernel import Kernel
from simulator.latencies import Distribution
from simulator.world.gray import Gray
from simulator.world.health_checks import LeverChecks
from simulator.world.network import OUTSIDE, Network
from simulator.world.recorder import Recorder
from tests.products import AP, EU, US, quickstart
from tests.unit.simulator.world_outside.scene import Levers, cut, latencies, mend

SEEDS = "abcdefghijkl"


class Checked:
    """Health checks of levers that say what they are told to; all takes its median, and only phases are drawn."""

    def __init__(self, seed: str, *, eager: bool = False) -> None:
        known = latencies(still=True).replaced({"route53.phase": Distribution.uniform(0.0, 10.0)})
        self.network = Network(Kernel(), known, Random(seed))
        self.levers, self.recorder = Levers(quickstart()), Recorder()
        self.looked: list[float] = []
        self.gray = Gray()
        self.checks = LeverChecks(
            quickstart(),
            self.network,
            self.levers,
            Random(seed),
            self.recorder,
            changed=self.looked.append,
            gray=self.gray,
            eager=eager,
        )
        self.checks.start()

    def run(self, until: float) -> None:
        self.network.kernel.run(until)

    def evacuate(self, *regions: str) -> None:
        was, self.levers.evacuated = self.levers.evacuated, set(regions)
        self.checks.stir(*sorted(was ^ self.levers.evacuated))

    def flips(self) -> list[tuple[float, str, bool]]:
        return [(each.at, str(each.region), each.healthy) for each in self.recorder.flips if each.region is not None]


@pytest.mark.parametrize("seed", SEEDS)
def test_an_evacuation_comes_to_dns_when_the_first_checker_has_seen_it(seed: str) -> None:
    checked = Checked(seed)
    checked.run(100.0)
    checked.evacuate(US)
    checked.run(150.0)
    ((at, region, healthy),) = checked.flips()
    assert (region, healthy) == (US, False)
    assert 100.0 < at < 106.0  # nine checkers within an interval of 10 s: the first is soon
    assert checked.looked == [pytest.approx(at + 2.0)]  # the propagation's median
    assert [checked.checks.sound(each) for each in (US, EU, AP)] == [False, True, True]


@pytest.mark.parametrize("seed", SEEDS)
def test_traffic_returns_when_the_last_checker_finds_the_token_no_more(seed: str) -> None:
    checked = Checked(seed)
    checked.evacuate(US)
    checked.run(100.0)
    checked.evacuate()
    checked.run(150.0)
    ((_, _, _), (at, region, healthy)) = checked.flips()
    assert (region, healthy) == (US, True)
    assert 105.0 < at < 112.0
    assert checked.checks.sound(US)


@pytest.mark.parametrize("how", list(Failing))
def test_one_lever_that_can_be_asked_is_enough(how: Failing) -> None:
    checked = Checked("a")
    for region in (US, EU):
        cut(checked.network, OUTSIDE, region, how)
    checked.evacuate(US)
    checked.run(60.0)
    assert [(region, healthy) for _, region, healthy in checked.flips()] == [(US, False)]


def test_a_lever_that_cannot_be_asked_evacuates_nobody() -> None:
    checked = Checked("a")
    for region in (US, EU, AP):
        cut(checked.network, OUTSIDE, region)
    checked.levers.broken = {US, EU, AP}
    checked.evacuate(US)
    checked.run(60.0)
    mend(checked.network, OUTSIDE, US)
    checked.checks.stir()
    checked.run(120.0)
    assert checked.flips() == []


def test_an_answer_that_is_lost_on_its_way_is_none() -> None:
    checked = Checked("a")
    for region in (US, EU, AP):
        cut(checked.network, region, OUTSIDE)
    checked.evacuate(US)
    checked.run(60.0)
    assert checked.flips() == []


def test_once_no_lever_can_be_asked_the_evacuation_ends() -> None:
    checked = Checked("a")
    checked.evacuate(US)
    checked.run(60.0)
    for region in (US, EU, AP):
        cut(checked.network, OUTSIDE, region, Failing.REFUSE)
    checked.checks.stir()
    checked.run(120.0)
    assert [(region, healthy) for _, region, healthy in checked.flips()] == [(US, False), (US, True)]


@pytest.mark.parametrize("seed", SEEDS)
def test_rest_changes_nothing_but_the_cost(seed: str) -> None:
    def played(*, eager: bool) -> Checked:
        checked = Checked(seed, eager=eager)
        chance, at = Random(seed), 0.0
        for _ in range(8):
            at += chance.uniform(17.0, 60.0)
            checked.run(at)
            region, how = chance.choice((US, EU, AP)), chance.choice(list(Failing))
            match chance.randrange(4):
                case 0:
                    checked.evacuate(region)
                case 1:
                    checked.evacuate()
                case 2:
                    cut(checked.network, OUTSIDE, region, how)
                    checked.checks.stir()
                case _:
                    mend(checked.network, OUTSIDE, region)
                    checked.checks.stir()
        checked.run(at + 60.0)
        return checked

    lazy, eager = played(eager=False), played(eager=True)
    # All is asked in its own moments; only what was under way when something changed comes with the next one.
    assert [each[1:] for each in lazy.flips()] == [each[1:] for each in eager.flips()]
    assert [each[0] for each in lazy.flips()] == pytest.approx([each[0] for each in eager.flips()], abs=10.0)
    assert {each.name: each.found for each in lazy.checks.checks} == {
        each.name: each.found for each in eager.checks.checks
    }
    assert lazy.levers.asked < eager.levers.asked / 2


def test_a_lever_that_lies_is_found_out_though_nobody_was_evacuated() -> None:
    checked = Checked("a")
    checked.run(200.0)
    checked.levers.evacuated = {EU}  # and nobody stirs
    checked.run(300.0)
    assert [(region, healthy) for _, region, healthy in checked.flips()] == [(EU, False)]


def test_a_token_that_is_gone_is_noticed_though_nobody_said_so() -> None:
    checked = Checked("a")
    checked.evacuate(US)
    checked.run(100.0)
    checked.levers.evacuated = set()  # and nobody stirs
    checked.run(200.0)
    assert [(region, healthy) for _, region, healthy in checked.flips()] == [(US, False), (US, True)]


class TestGray:
    """Checkers, and levers, that tell something else than the truth."""

    def amiss(self, checked: Checked, fault: Answers) -> None:
        checked.gray.begin(fault)
        checked.checks.stir()

    def test_stale_checkers_keep_to_what_they_found(self) -> None:
        checked = Checked("a")
        for region in (US, EU, AP):
            self.amiss(checked, Answers(what=Source.CHECKERS, how=Amiss.STALE, region=region))
        checked.evacuate(US)
        checked.run(60.0)
        assert checked.flips() == []

    def test_wrong_checkers_of_one_lever_evacuate_everybody_until_they_are_mended(self) -> None:
        checked = Checked("a")
        fault = Answers(what=Source.CHECKERS, how=Amiss.WRONG, region=EU)
        self.amiss(checked, fault)
        checked.run(60.0)
        assert [checked.checks.sound(region) for region in (US, EU, AP)] == [False, False, False]
        checked.gray.end(fault)
        checked.checks.stir()
        checked.run(120.0)
        assert [checked.checks.sound(region) for region in (US, EU, AP)] == [True, True, True]

    def test_late_checkers_are_heard_later(self) -> None:
        checked = Checked("a")
        self.amiss(checked, Answers(what=Source.CHECKERS, how=Amiss.LATE, seconds=30.0))
        checked.evacuate(US)
        checked.run(60.0)
        ((at, _, _),) = checked.flips()
        assert checked.looked == [pytest.approx(at + 2.0 + 30.0)]

    def test_a_lever_whose_cache_lies_evacuates_nobody_and_the_others_do(self) -> None:
        checked = Checked("a")
        self.amiss(checked, Answers(what=Source.LEVER, how=Amiss.WRONG, region=EU))
        checked.evacuate(US)
        checked.run(60.0)
        assert [(region, healthy) for _, region, healthy in checked.flips()] == [(US, False)]
        assert not any(any(each.found) for each in checked.checks.checks if each.control == EU)

    def test_a_lever_that_answers_too_late_is_not_heard(self) -> None:
        checked = Checked("a")
        self.amiss(checked, Answers(what=Source.LEVER, how=Amiss.LATE, seconds=2.0))
        checked.evacuate(US)
        checked.run(60.0)
        assert checked.flips() == []


def test_checkers_that_share_a_moment_all_ask() -> None:
    checked = Checked("a")
    for check in checked.checks.checks:
        check.phases = (5.0, 5.0, 5.0)
    checked.evacuate(US)
    checked.run(30.0)
    assert all(check.found == [check.subject == US] * 3 for check in checked.checks.checks)
