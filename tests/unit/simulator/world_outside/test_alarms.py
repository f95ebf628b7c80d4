"""What an observer's metric raises, what silence does, and that neither costs anything while all is well."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import Any

import pytest

from failover.topology import Names
from rehearsal.form.fault_kinds import Amiss, Failing, Source
from rehearsal.form.gray_faults import Answers
from simulator.world.alarm_states import State
from simulator.world.alarms import Alarms
from simulator.world.gray import Gray
from simulator.world.recorder import Recorder
from tests.products import EU, US, quickstart
from tests.unit.simulator.world_outside.scene import network

PROBE_SECONDS = 5.0
SEEN = "RegionUnhealthy"


class Watched:
    """Alarms, the events that they send, and an observer that publishes what it is told to."""

    def __init__(self, seed: str = "1") -> None:
        self.network = network(seed, still=False)
        self.kernel = self.network.kernel
        self.events: list[tuple[float, str, dict[str, Any]]] = []
        self.recorder = Recorder()
        self.gray = Gray()
        self.alarms = Alarms(quickstart(), self.network, Random(seed), self._put, self.recorder, gray=self.gray)
        self.unhealthy: bool | None = False
        self._publish()

    def _put(self, region: str, source: str, kind: str, detail: Any) -> None:
        assert (source, kind) == ("aws.cloudwatch", "CloudWatch Alarm State Change")
        self.events.append((self.kernel.now, region, detail))

    def _publish(self) -> None:
        if self.unhealthy is not None:
            self.alarms.put(EU, [(SEEN, US, float(self.unhealthy))])
        self.kernel.now_or_later(PROBE_SECONDS, self._publish)

    def raised(self) -> list[tuple[float, str, dict[str, Any]]]:
        """The events that tell of the region seen unhealthy."""
        return [each for each in self.events if "unhealthy" in each[2]["alarmName"]]

    def beat(self, *regions: str, until: float) -> None:
        """Have the functions of regions say that they live, each 20 s."""
        for region in regions:
            points = [(f"{who}Heartbeat", region, 1.0) for who in ("Prober", "Guard", "Decider")]
            for at in range(0, int(until), 20):
                self.kernel.now_or_later(at, partial(self.alarms.put, region, points))


@pytest.mark.parametrize("seed", "abcdefgh")
def test_a_region_seen_unhealthy_is_told_once_when_the_dwell_time_is_over(seed: str) -> None:
    watched = Watched(seed)
    watched.kernel.run(100.0)
    watched.unhealthy = True
    watched.kernel.run(200.0)
    ((at, region, detail),) = watched.events
    assert region == EU
    assert detail["state"]["value"] == "ALARM"
    assert detail["alarmName"].startswith("lifeboat-quickstart-us-east-1-unhealthy")
    assert (
        122.0 <= at <= 150.0
    )  # three periods of 10 s, of which the first began with the next probe; then the ingestion


def test_silence_of_an_observer_is_no_lost_region() -> None:
    watched = Watched()
    watched.kernel.run(100.0)
    watched.unhealthy = None
    watched.kernel.run(300.0)
    assert watched.events == []


def test_an_observer_that_dies_with_bad_news_has_told_them_for_long_enough_when_nothing_contradicts() -> None:
    """The documented rule: breaching points that are too few count once the oldest is as old as they all would be."""
    watched = Watched()
    watched.kernel.run(100.0)
    watched.unhealthy = True
    watched.kernel.run(112.0)
    watched.unhealthy = None
    watched.kernel.run(300.0)
    assert [detail["state"]["value"] for *_, detail in watched.events] == ["ALARM"]
    assert watched.alarms.state(EU, SEEN, US) is State.INSUFFICIENT_DATA


def test_a_moment_of_bad_news_raises_nothing() -> None:
    watched = Watched()
    watched.kernel.run(100.0)
    watched.unhealthy = True
    watched.kernel.run(119.0)
    watched.unhealthy = False
    watched.kernel.run(300.0)
    assert watched.events == []


def test_an_alarm_that_is_over_can_go_off_again() -> None:
    watched = Watched()
    for begins in (100.0, 300.0):
        watched.kernel.run(begins)
        watched.unhealthy = True
        watched.kernel.run(begins + 80.0)
        watched.unhealthy = False
    watched.kernel.run(500.0)
    assert [region for _, region, _ in watched.events] == [EU, EU]
    assert watched.alarms.state(EU, SEEN, US) is State.OK


def test_a_region_without_power_tells_nothing() -> None:
    watched = Watched()
    watched.unhealthy = True
    watched.network.down[EU] = Failing.REFUSE
    watched.network.settle()
    watched.kernel.run(200.0)
    assert watched.events == []


def test_a_metric_that_says_nothing_bad_is_never_evaluated() -> None:
    watched = Watched()
    watched.kernel.run(600.0)
    assert watched.kernel.events <= 600 / PROBE_SECONDS + 2


def test_a_silent_prober_pages_and_a_silent_guard_tells_the_region_alone() -> None:
    watched = Watched()
    names = Names(quickstart())
    watched.alarms.start()
    watched.beat(US, EU, until=600.0)
    watched.beat("ap-southeast-1", until=60.0)
    watched.kernel.run(600.0)
    control = names.stack("control", "ap-southeast-1")
    told = [each.subject for each in watched.recorder.pages]
    assert sorted(told) == [
        f'ALARM: "{control}-decider-silent" in ap-southeast-1',
        f'ALARM: "{control}-prober-silent" in ap-southeast-1',
    ]
    assert all(each.at > 180.0 for each in watched.recorder.pages)
    guard = f"{names.stack('regional', 'ap-southeast-1')}-guard-silent"
    assert guard in [detail["alarmName"] for _, _, detail in watched.events]


def test_a_guard_on_promises_alone_is_told() -> None:
    watched = Watched()
    watched.kernel.run(30.0)
    watched.alarms.put(US, [("FailsafeExtended", US, 1.0)])
    watched.kernel.run(300.0)
    assert [detail["alarmName"] for _, _, detail in watched.events] == [
        f"{Names(quickstart()).stack('regional', US)}-failsafe-extended"
    ]
    assert watched.alarms.state(US, "FailsafeExtended", US) is State.OK


class TestGray:
    """Alarms that tell something else than the truth."""

    def amiss(self, watched: Watched, how: Amiss) -> Answers:
        fault = Answers(what=Source.ALARMS, how=how, region=EU)
        watched.gray.begin(fault)
        watched.alarms.stir(EU)
        return fault

    def test_stale_ones_stay_as_they_are_and_see_afterwards(self) -> None:
        watched = Watched()
        fault = self.amiss(watched, Amiss.STALE)
        watched.unhealthy = True
        watched.kernel.run(100.0)
        assert watched.raised() == []
        watched.gray.end(fault)
        watched.kernel.run(130.0)
        assert len(watched.raised()) == 1

    def test_wrong_ones_go_off_and_are_well_again(self) -> None:
        watched = Watched()
        watched.kernel.run(100.0)
        fault = self.amiss(watched, Amiss.WRONG)
        watched.kernel.run(120.0)
        assert {(region, detail["state"]["value"]) for _, region, detail in watched.events} == {(EU, "ALARM")}
        watched.gray.end(fault)
        watched.kernel.run(300.0)
        assert watched.alarms.state(EU, SEEN, US) is State.OK

    def test_late_ones_are_heard_of_later(self) -> None:
        prompt, late = Watched(), Watched()
        late.gray.begin(Answers(what=Source.ALARMS, how=Amiss.LATE, region=EU, seconds=60.0))
        for watched in (prompt, late):
            watched.kernel.run(100.0)
            watched.unhealthy = True
            watched.kernel.run(250.0)
        ((soon, *_),), ((afterwards, *_),) = prompt.raised(), late.raised()
        assert afterwards == pytest.approx(soon + 60.0)
