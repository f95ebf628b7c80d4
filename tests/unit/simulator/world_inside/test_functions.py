"""Lambda: what runs, for how long, what it leaves behind when it dies, and who hears of it."""

from collections.abc import Callable
from typing import Any

import pytest

from failover.errors import ReplicaNotReadyError
from failover.topology import Names
from rehearsal.form.fault_kinds import Failing, Invoked
from runtime import wiring
from simulator.world.functions import DIED, KEPT_WARM_SECONDS, THROTTLED, TIMED_OUT, UNAVAILABLE, kept_warm
from simulator.world.runs import Halt, Spoil
from simulator.world.world import World
from tests.products import AP, EU, US, quickstart
from tests.unit.simulator.world_inside.callers import Callers
from tests.unit.simulator.world_inside.deployed import Handler, callers, instead, paged, pages, waits, world

LIMIT = 15.0
ANY = "*"


@pytest.fixture
def made() -> World:
    return world()


@pytest.fixture
def asking(made: World) -> Callers:
    return callers(made)


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Handler]:
    found: dict[str, Handler] = {"quick": waits(0.0), "slow": waits(5.0), "pages": pages("one", "two")}
    instead(monkeypatch, found)
    return found


def invoke(asking: Callers, made: World, function: str, at: float = 0.0, *, source: str = US, region: str = EU) -> None:
    asking.begin(lambda: made.functions.invoke(source, region, function, {}, LIMIT), at=at)


def start_of(made: World, kind: str) -> float:
    """What passes before a handler's first line, and what its own work takes besides what it waits for."""
    return made.latencies.of(f"lambda.{kind}_start").p50 + made.latencies.of("lambda.work").p50


def there_and_back(made: World, source: str = US, region: str = EU) -> float:
    return 2 * made.network.one_way(source, region)


def spoilt(made: World, halt: Halt | None = None, how: Invoked | None = None, times: int | None = 1) -> Spoil:
    spoil = Spoil(ANY, ANY, times, halt, how)
    made.functions.spoils.append(spoil)
    return spoil


def test_the_real_handler_runs_with_the_ports_of_its_own_region(made: World, asking: Callers) -> None:
    asking.begin(lambda: made.functions.invoke(EU, EU, "answer_lever", {"pathParameters": {"region": US}}, LIMIT))
    (told,) = asking.run(5.0)
    assert "'statusCode': 200" in told
    assert Names(quickstart()).lever_token(US) not in told, "nobody has evacuated it"
    assert made.recorder.counted["dynamodb"] >= 1


@pytest.mark.parametrize("region", [EU, AP])
def test_who_acts_is_in_its_region(made: World, asking: Callers, handlers: dict[str, Handler], region: str) -> None:
    handlers["where"] = lambda _event, _context: f"{wiring.here()} of {wiring.topology().name}"
    invoke(asking, made, "where", region=region)
    assert asking.run() == [f"{region} of quickstart"]


def test_nobody_but_a_function_has_ports(made: World) -> None:
    with pytest.raises(RuntimeError, match="no function of the modelled Lambda"):
        wiring.ports()


def test_the_first_start_is_cold_and_the_next_ones_are_not(
    made: World, asking: Callers, handlers: dict[str, Handler]
) -> None:
    moments = (0.0, 10.0, 10.0 + KEPT_WARM_SECONDS + 60.0)
    for at in moments:
        invoke(asking, made, "quick", at, source=EU)
    asking.run(1000.0)
    took = [at - began for (at, _), began in zip(asking.heard, moments, strict=True)]
    cold, warm = (there_and_back(made, EU) + start_of(made, kind) for kind in ("cold", "warm"))
    assert took == pytest.approx([cold, warm, cold])


def test_one_that_is_kept_warm_starts_warm_the_first_time(
    made: World, asking: Callers, handlers: dict[str, Handler]
) -> None:
    made.functions.keep_warm(EU, ["quick"])
    invoke(asking, made, "quick", source=EU)
    asking.run()
    assert asking.heard[0][0] == pytest.approx(there_and_back(made, EU) + start_of(made, "warm"))


def test_what_is_kept_warm_are_the_steps_of_an_incident_and_not_what_runs_all_the_time() -> None:
    assert {"open_incident", "fence_source", "promote_database"} <= set(kept_warm())
    assert not {"probe_regions", "guard_lease", "decide_failover"} & set(kept_warm())


def test_two_at_once_need_two_instances_and_both_are_kept(
    made: World, asking: Callers, handlers: dict[str, Handler]
) -> None:
    for at in (0.0, 0.0, 30.0, 30.0, 30.0):
        invoke(asking, made, "slow", at)
    asking.run(100.0)
    took = sorted(round(at - 30.0 - 5.0 - there_and_back(made), 3) for at, _ in asking.heard[2:])
    warm, cold = round(start_of(made, "warm"), 3), round(start_of(made, "cold"), 3)
    assert took == [warm, warm, cold]


def test_an_answer_is_what_json_leaves_of_it(made: World, asking: Callers, handlers: dict[str, Handler]) -> None:
    handlers["pairs"] = lambda _event, _context: {"pair": (1, 2)}
    invoke(asking, made, "pairs")
    assert asking.run() == ["{'pair': [1, 2]}"]


def test_what_a_handler_raises_is_told_by_its_class_name(
    made: World, asking: Callers, handlers: dict[str, Handler]
) -> None:
    def fails(_event: Any, _context: Any) -> None:
        raise ReplicaNotReadyError("no such thing")

    handlers["fails"] = fails
    invoke(asking, made, "fails")
    assert asking.run() == ["ReplicaNotReadyError"]


def test_a_bug_of_a_handler_is_no_answer_and_comes_out(
    made: World, asking: Callers, handlers: dict[str, Handler]
) -> None:
    def stumbles(_event: Any, _context: Any) -> None:
        raise ZeroDivisionError("a bug")

    handlers["stumbles"] = stumbles
    invoke(asking, made, "stumbles")
    with pytest.raises(ZeroDivisionError, match="a bug"):
        asking.run()
    made.kernel.end()


def test_one_that_takes_too_long_is_ended(made: World, asking: Callers, handlers: dict[str, Handler]) -> None:
    made.functions.time_limits = {"slow": 2.0}
    invoke(asking, made, "slow")
    assert asking.run() == [TIMED_OUT]
    took = there_and_back(made) + start_of(made, "cold") + 2.0
    assert asking.heard[0][0] == pytest.approx(took)
    assert made.functions.of(EU) == []


def test_whoever_waits_no_longer_does_not_end_it(made: World, asking: Callers, handlers: dict[str, Handler]) -> None:
    def later(_event: Any, _context: Any) -> None:
        wiring.ports().clock.sleep(LIMIT + 5.0)
        pages("done all the same")(_event, _context)

    handlers["later"] = later
    invoke(asking, made, "later")
    assert asking.run() == ["no answer"]
    assert asking.heard[0][0] == pytest.approx(LIMIT)
    assert paged(made) == ["done all the same"]


def test_an_answer_whose_way_back_is_cut_is_lost(made: World, asking: Callers, handlers: dict[str, Handler]) -> None:
    asking.later(1.0, lambda: made.network.cut((EU, US), Failing.HANG))
    invoke(asking, made, "pages", 0.9)
    assert asking.run() == ["no answer"]
    assert paged(made) == ["one", "two"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda net: net.throttles.update({("lambda", EU): 1.0}), THROTTLED),
        (lambda net: net.outages.update({("lambda", EU): Failing.REFUSE}), UNAVAILABLE),
        (lambda net: net.down.update({EU: Failing.HANG}), "no answer"),
    ],
)
def test_one_that_cannot_be_begun_is_told_by_lambdas_own_errors(
    made: World, asking: Callers, handlers: dict[str, Handler], change: Callable[[Any], Any], told: str
) -> None:
    change(made.network)
    asking.settle()
    invoke(asking, made, "pages")
    assert asking.run() == [told]
    assert paged(made) == []


def test_one_that_may_not_run_is_throttled(made: World, asking: Callers, handlers: dict[str, Handler]) -> None:
    made.functions.stopped.add(("quick", EU))
    invoke(asking, made, "quick")
    invoke(asking, made, "quick", region=AP)
    assert sorted(asking.run()) == [THROTTLED, "done"]


class TestHalts:
    """What befalls a run at one of its writes."""

    @pytest.mark.parametrize(
        ("write", "left"), [(0, []), (1, ["one"]), (2, ["one", "two"]), (3, ["one", "two"])], ids=str
    )
    def test_one_that_dies_leaves_what_it_has_written_and_answers_nothing(
        self, made: World, asking: Callers, handlers: dict[str, Handler], write: int, left: list[str]
    ) -> None:
        spoilt(made, Halt(write))
        invoke(asking, made, "pages")
        assert asking.run() == [DIED]
        assert paged(made) == left

    def test_only_so_many_die(self, made: World, asking: Callers, handlers: dict[str, Handler]) -> None:
        spoilt(made, Halt(1), times=2)
        for at in (0.0, 10.0, 20.0):
            invoke(asking, made, "pages", at)
        assert asking.run() == [DIED, DIED, "sent"]

    @pytest.mark.parametrize("function", ["pages", "quick"])
    def test_one_that_writes_nothing_dies_before_it_answers(
        self, made: World, asking: Callers, handlers: dict[str, Handler], function: str
    ) -> None:
        spoilt(made, Halt(9))
        invoke(asking, made, function)
        assert asking.run() == [DIED]

    @pytest.mark.parametrize(("write", "left"), [(0, []), (1, ["one"]), (2, ["one", "two"])], ids=str)
    def test_one_that_stands_still_goes_on_there(
        self, made: World, asking: Callers, handlers: dict[str, Handler], write: int, left: list[str]
    ) -> None:
        spoilt(made, Halt(write, 8.0))
        invoke(asking, made, "pages")
        assert asking.run(7.0) == []
        assert paged(made) == left
        assert asking.run() == ["sent"]
        assert paged(made) == ["one", "two"]
        assert 8.0 < asking.heard[0][0] < 9.0

    def test_reading_is_no_writing(self, made: World, asking: Callers, handlers: dict[str, Handler]) -> None:
        def reads(_event: Any, _context: Any) -> str:
            wiring.ports().agent.describe("orders", EU)
            return pages("one")(_event, _context)  # type: ignore[no-any-return]

        handlers["reads"] = reads
        spoilt(made, Halt(0))
        invoke(asking, made, "reads")
        assert asking.run() == [DIED]
        assert made.recorder.counted["lambda"] == 1
        assert paged(made) == []


class TestInvocations:
    """What becomes of invocations."""

    def test_throttled_ones_do_nothing(self, made: World, asking: Callers, handlers: dict[str, Handler]) -> None:
        spoilt(made, how=Invoked.THROTTLED)
        for at in (0.0, 10.0):
            invoke(asking, made, "pages", at)
        assert asking.run() == [THROTTLED, "sent"]
        assert paged(made) == ["one", "two"]

    def test_cold_ones_begin_anew_each_time(self, made: World, asking: Callers, handlers: dict[str, Handler]) -> None:
        spoilt(made, how=Invoked.COLD, times=None)
        for at in (0.0, 10.0):
            invoke(asking, made, "quick", at)
        asking.run()
        assert asking.heard[1][0] - 10.0 == pytest.approx(asking.heard[0][0])

    def test_timed_out_ones_stand_still_before_their_first_write(
        self, made: World, asking: Callers, handlers: dict[str, Handler]
    ) -> None:
        made.functions.time_limits = {"pages": 4.0}
        spoilt(made, how=Invoked.TIMED_OUT)
        invoke(asking, made, "pages")
        assert asking.run() == [TIMED_OUT]
        assert paged(made) == []


class TestEvents:
    """Functions that an event starts: nobody waits for their answers."""

    def test_one_that_fails_is_tried_again_and_so_often_only(
        self, made: World, asking: Callers, handlers: dict[str, Handler]
    ) -> None:
        tries: list[float] = []

        def fails(_event: Any, _context: Any) -> None:
            tries.append(made.kernel.now)
            raise ReplicaNotReadyError("not yet")

        handlers["fails"] = fails
        made.functions.invoke_later(EU, "fails", {}, retries=2)
        asking.run(1000.0)
        assert len(tries) == 3
        pause = made.latencies.of("lambda.async_retry").p50
        assert tries[1] - tries[0] == pytest.approx(pause, abs=1.0)

    def test_one_that_succeeds_is_not(self, made: World, asking: Callers, handlers: dict[str, Handler]) -> None:
        made.functions.invoke_later(EU, "pages", {}, retries=2)
        asking.run(1000.0)
        assert paged(made) == ["one", "two"]

    @pytest.mark.parametrize("lost", [lambda made: made.network.down, lambda made: made.network.powerless])
    def test_where_there_is_no_power_nothing_is_begun(
        self, made: World, asking: Callers, handlers: dict[str, Handler], lost: Callable[[World], dict[str, Failing]]
    ) -> None:
        lost(made)[EU] = Failing.REFUSE
        asking.settle()
        made.functions.invoke_later(EU, "pages", {})
        made.functions.invoke_later(AP, "pages", {})
        asking.run()
        assert [each.region for each in made.recorder.pages] == [AP, AP]


def test_a_region_that_loses_its_power_ends_all_that_runs_in_it_and_forgets_its_instances(
    made: World, asking: Callers, handlers: dict[str, Handler]
) -> None:
    for region in (EU, AP):
        invoke(asking, made, "slow", 10.0, source=region, region=region)
        invoke(asking, made, "quick", source=region, region=region)
    asking.later(12.0, lambda: made.functions.lose_power(EU))
    assert sorted(asking.run(20.0)) == [DIED, "done", "done", "done"]
    for region in (EU, AP):
        invoke(asking, made, "quick", source=region, region=region)
    asking.run()
    took = [at - 20.0 for at, _ in asking.heard[4:]]
    assert took[0] - there_and_back(made, AP, AP) == pytest.approx(start_of(made, "warm"))
    assert took[1] - there_and_back(made, EU, EU) == pytest.approx(start_of(made, "cold"))


def test_what_begins_in_a_frozen_region_waits(made: World, asking: Callers, handlers: dict[str, Handler]) -> None:
    made.functions.frozen.add(EU)

    def thaw() -> None:
        made.functions.frozen.discard(EU)
        for actor in made.functions.of(EU):
            actor.thaw()

    invoke(asking, made, "pages")
    made.kernel.now_or_later(9.0, thaw)
    assert asking.run(8.9) == []
    assert paged(made) == []
    assert asking.run() == ["sent"]
