"""What is lost on the way, on which way, and what has happened all the same."""

from collections.abc import Callable

import pytest

from rehearsal.form.fault_kinds import Failing
from simulator.world.network import OUTSIDE, REFUSED_SECONDS, USERS, Network, functions_in
from simulator.world.paths import Underways
from tests.products import AP, EU, US
from tests.unit.simulator.world_inside.callers import Callers

HANG, REFUSE = Failing.HANG, Failing.REFUSE
LIMIT = 3.0
Break = Callable[[Network], object]


@pytest.fixture
def callers() -> Callers:
    return Callers()


def one_way(callers: Callers, source: str = US, target: str = EU) -> float:
    return callers.network.one_way(source, target)


def test_a_call_takes_its_way_there_what_is_done_and_the_way_back(callers: Callers) -> None:
    way = one_way(callers)
    callers.ask(US, EU, takes=0.5)
    assert callers.run() == ["an answer"]
    assert callers.done == [pytest.approx(way + 0.5)]
    assert callers.heard[0][0] == pytest.approx(2 * way + 0.5)


def test_a_refusal_of_the_service_is_an_answer_like_any_other(callers: Callers) -> None:
    callers.ask(US, EU, fails=KeyError("no such thing"))
    assert callers.run() == ["KeyError"]
    callers.network.cut((AP, US), HANG)  # the network is not quiet any more, and this way is as it was
    callers.settle()
    callers.ask(US, EU, fails=KeyError("no such thing"))
    assert callers.run(120.0) == ["KeyError", "KeyError"]
    assert callers.heard[1][0] - 60.0 == pytest.approx(callers.heard[0][0])


def test_what_is_near_is_asked_sooner(callers: Callers) -> None:
    assert one_way(callers, US, US) < one_way(callers, US, EU) < 0.5
    assert one_way(callers, functions_in(US), EU) == one_way(callers, US, EU)
    assert one_way(callers, USERS, EU) == callers.network.latencies.of("network.users").p50
    assert one_way(callers, US, OUTSIDE) == callers.network.latencies.of("network.outside").p50


THERE: list[Break] = [
    lambda net: net.cut((US, EU), HANG),
    lambda net: net.cut((US, "*"), HANG),
    lambda net: net.cut(("*", EU), HANG),
    lambda net: net.down.update({EU: HANG}),
    lambda net: net.down.update({US: HANG}),
    lambda net: net.powerless.update({EU: HANG}),
    lambda net: net.powerless.update({US: HANG}),
    lambda net: net.outages.update({("rds", EU): HANG}),
    lambda net: net.outages.update({("rds", "*"): HANG}),
]


@pytest.mark.parametrize("breaks", THERE)
def test_a_request_that_is_lost_has_done_nothing_and_time_runs_out(callers: Callers, breaks: Break) -> None:
    breaks(callers.network)
    callers.settle()
    callers.ask(US, EU, seconds=LIMIT)
    assert callers.run() == ["no answer"]
    assert callers.heard[0][0] == pytest.approx(LIMIT)
    assert callers.done == []


@pytest.mark.parametrize(
    ("breaks", "code"),
    [
        (lambda net: net.cut((US, EU), REFUSE), "unreachable"),
        (lambda net: net.down.update({EU: REFUSE}), "unreachable"),
        (lambda net: net.powerless.update({EU: REFUSE}), "unreachable"),
        (lambda net: net.outages.update({("rds", EU): REFUSE}), "unavailable"),
        (lambda net: net.throttles.update({("rds", EU): 1.0}), "ThrottlingException"),
        (lambda net: net.throttles.update({("rds", "*"): 1.0}), "ThrottlingException"),
    ],
)
def test_a_request_that_is_refused_has_done_nothing_and_says_so_at_once(
    callers: Callers, breaks: Break, code: str
) -> None:
    breaks(callers.network)
    callers.settle()
    callers.ask(US, EU, seconds=LIMIT)
    assert callers.run() == [code]
    assert callers.heard[0][0] <= 2 * one_way(callers) + REFUSED_SECONDS
    assert callers.done == []


@pytest.mark.parametrize("how", [HANG, REFUSE])
@pytest.mark.parametrize("path", [(EU, US), (EU, "*"), ("*", US)])
def test_an_answer_that_is_lost_has_been_a_deed(callers: Callers, path: tuple[str, str], how: Failing) -> None:
    callers.network.cut(path, how)
    callers.settle()
    callers.ask(US, EU, seconds=LIMIT)
    assert callers.run() == ["no answer"]
    assert callers.heard[0][0] == pytest.approx(LIMIT)
    assert callers.done == [pytest.approx(one_way(callers))]


def test_a_cut_that_comes_while_the_request_is_under_way_loses_it(callers: Callers) -> None:
    callers.later(one_way(callers) / 2, lambda: callers.network.cut((US, EU), HANG))
    callers.ask(US, EU)
    assert callers.run() == ["no answer"]
    assert callers.done == []


def test_an_answer_is_lost_when_its_way_is_cut_while_it_is_worked_out(callers: Callers) -> None:
    def act() -> str:
        callers.kernel.sleep(1.0)
        callers.done.append(callers.kernel.now)
        return "an answer"

    callers.later(0.5, lambda: callers.network.cut((EU, US), HANG))
    callers.begin(lambda: callers.network.ask(US, EU, act, service="rds", timeout_seconds=LIMIT))
    assert callers.run() == ["no answer"]
    assert len(callers.done) == 1


def test_a_region_that_goes_down_while_it_works_answers_nobody_and_does_nothing(callers: Callers) -> None:
    callers.later(one_way(callers) + 0.2, lambda: callers.network.down.update({EU: REFUSE}))
    callers.ask(US, EU, takes=0.5)
    assert callers.run() == ["unreachable"]
    assert callers.done == []


SLOW: list[tuple[Break, float]] = [(lambda net: net.slow.update({EU: lambda _now: 7.0}), 0.0), (lambda _net: None, 7.0)]


@pytest.mark.parametrize(("breaks", "takes"), SLOW, ids=["a slow network", "a slow service"])
def test_what_takes_too_long_is_done_when_nobody_waits_for_it_any_more(
    callers: Callers, breaks: Break, takes: float
) -> None:
    breaks(callers.network)
    callers.settle()
    callers.ask(US, EU, seconds=LIMIT, takes=takes)
    assert callers.run() == ["no answer"]
    assert callers.heard[0][0] == pytest.approx(LIMIT)
    assert callers.done == [pytest.approx(7.0 + one_way(callers))]


def test_what_is_done_in_time_and_answered_too_late_is_no_answer(callers: Callers) -> None:
    callers.ask(US, EU, seconds=LIMIT, takes=LIMIT - 1.5 * one_way(callers))
    assert callers.run() == ["no answer"]
    assert callers.heard[0][0] == pytest.approx(LIMIT)
    assert len(callers.done) == 1


def test_what_is_late_is_not_done_when_its_region_is_gone_by_then(callers: Callers) -> None:
    callers.ask(US, EU, seconds=LIMIT, takes=7.0)
    callers.later(5.0, lambda: callers.network.down.update({EU: HANG}))
    assert callers.run() == ["no answer"]
    assert callers.done == []


def test_slowness_grows_with_the_time_and_concerns_its_region_alone(callers: Callers) -> None:
    callers.network.slow[EU] = lambda now: now / 10
    callers.settle()
    for target, at in ((EU, 0.0), (EU, 10.0), (AP, 10.0)):
        callers.ask(US, target, at=at)
    callers.run()
    expected = sorted((one_way(callers), 11.0 + one_way(callers), 10.0 + one_way(callers, US, AP)))
    assert sorted(callers.done) == pytest.approx(expected)


def test_a_cut_lets_the_other_ways_be(callers: Callers) -> None:
    callers.network.cut((US, EU), HANG)
    callers.settle()
    assert callers.network.broken(EU, US) is None
    assert callers.network.broken(AP, EU) is None
    assert callers.network.broken(functions_in(US), EU) is HANG
    assert callers.network.broken(US, functions_in(EU)) is HANG


def test_functions_that_are_cut_off_leave_the_rest_of_their_region_in_peace(callers: Callers) -> None:
    callers.network.cut((functions_in(US), EU), HANG)
    callers.settle()
    assert callers.network.broken(functions_in(US), EU) is HANG
    assert callers.network.broken(US, EU) is None


def test_within_a_region_nothing_is_cut(callers: Callers) -> None:
    callers.network.cut((US, "*"), HANG)
    callers.network.cut(("*", US), HANG)
    callers.settle()
    assert callers.network.broken(US, US) is None
    assert callers.network.broken(functions_in(US), US) is None
    assert callers.network.broken(US, OUTSIDE) is HANG
    assert callers.network.broken(USERS, US) is HANG


def test_what_was_cut_twice_must_be_mended_twice(callers: Callers) -> None:
    net = callers.network
    net.cut((US, EU), HANG)
    net.cut((US, EU), HANG)
    net.mend((US, EU))
    net.settle()
    assert net.broken(US, EU) is HANG
    net.mend((US, EU))
    net.mend((US, EU))
    net.settle()
    assert net.broken(US, EU) is None
    assert net.quiet


def test_a_region_without_power_for_functions_still_has_its_network(callers: Callers) -> None:
    callers.network.powerless[EU] = REFUSE
    callers.settle()
    assert callers.network.broken(US, EU) is None
    assert not callers.network.acts(EU)
    assert callers.network.acts(US)


def test_an_outage_concerns_its_service_alone(callers: Callers) -> None:
    callers.network.outages["rds", EU] = REFUSE
    callers.settle()
    callers.ask(US, EU, service="lambda")
    callers.ask(US, AP, service="rds")
    assert callers.run() == ["an answer", "an answer"]


def test_a_share_of_calls_is_throttled(callers: Callers) -> None:
    callers.network.throttles["rds", EU] = 0.3
    callers.settle()
    for _ in range(400):
        callers.ask(US, EU)
    told = callers.run()
    assert 80 < told.count("ThrottlingException") < 160
    assert len(callers.done) == told.count("an answer")


class TestUnderways:
    """Requests that are carried out, and whose senders hear nothing."""

    def test_unanswered_ones_are_done_at_once(self, callers: Callers) -> None:
        callers.network.underways.append(Underways("rds", EU, None, None))
        callers.settle()
        callers.ask(US, EU, seconds=LIMIT)
        assert callers.run() == ["no answer"]
        assert callers.done == [pytest.approx(one_way(callers))]
        assert callers.heard[0][0] == pytest.approx(LIMIT)

    def test_late_ones_are_done_when_nobody_waits_any_more(self, callers: Callers) -> None:
        callers.network.underways.append(Underways("rds", EU, 5.0, None))
        callers.settle()
        callers.ask(US, EU, seconds=LIMIT, fails=KeyError("nobody hears of it"))
        assert callers.run() == ["no answer"]
        assert callers.heard[0][0] == pytest.approx(LIMIT)
        assert callers.done == [pytest.approx(5.0 + one_way(callers))]

    @pytest.mark.parametrize("late", [None, 5.0])
    def test_so_it_is_with_the_next_few(self, callers: Callers, late: float | None) -> None:
        callers.network.underways.append(Underways("rds", EU, late, 2))
        callers.settle()
        for at in (0.0, 10.0, 20.0):
            callers.ask(US, EU, at=at)
        assert callers.run() == ["no answer", "no answer", "an answer"]
        assert len(callers.done) == 3

    @pytest.mark.parametrize(
        ("service", "region", "met"),
        [("rds", EU, True), ("*", EU, True), ("rds", "*", True), ("eks", EU, False), ("rds", AP, False)],
    )
    def test_they_are_of_a_service_and_a_region(self, callers: Callers, service: str, region: str, met: bool) -> None:
        callers.network.underways.append(Underways(service, region, None, None))
        callers.settle()
        callers.ask(US, EU)
        assert callers.run() == ["no answer" if met else "an answer"]


def test_a_quiet_network_and_one_with_trouble_elsewhere_take_the_same_time() -> None:
    quiet, troubled = Callers(), Callers()
    troubled.network.cut((AP, US), HANG)
    troubled.settle()
    assert quiet.network.quiet and not troubled.network.quiet
    for callers in (quiet, troubled):
        callers.ask(US, EU, takes=0.1)
        callers.run()
    assert quiet.heard == troubled.heard
    assert quiet.done == troubled.done
