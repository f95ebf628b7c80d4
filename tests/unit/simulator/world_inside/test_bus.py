"""Events: when they reach a rule, how often, and in which order."""

from dataclasses import dataclass, field
from random import Random

import pytest

from rehearsal.form.fault_kinds import Failing, Spoiled
from simulator.world.bus import Bus, Hint
from tests.products import EU, US
from tests.unit.simulator.world_outside.scene import network


@dataclass
class Rule:
    """A bus whose deliveries are noted."""

    heard: list[tuple[float, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.network = network()
        self.kernel = self.network.kernel
        self.bus = Bus(self.kernel, self.network, self.network.latencies, Random("1"), self._deliver)

    def _deliver(self, region: str, hint: Hint) -> None:
        self.heard.append((self.kernel.now, region, hint.detail))

    def put(self, detail: str, *, at: float = 0.0, region: str = EU) -> None:
        self.kernel.now_or_later(at, lambda: self.bus.put(region, "a test", "an event", detail))

    def run(self, until: float = 100.0) -> list[str]:
        self.kernel.run(until)
        return [detail for _, _, detail in self.heard]

    @property
    def delivery(self) -> float:
        return self.network.latencies.of("events.delivery").p50

    @property
    def times(self) -> list[float]:
        return [at for at, _, _ in self.heard]


@pytest.fixture
def rule() -> Rule:
    return Rule()


def test_an_event_reaches_the_rules_of_its_own_region_a_little_later(rule: Rule) -> None:
    rule.put("a", at=3.0)
    rule.run()
    ((at, region, detail),) = rule.heard
    assert (region, detail) == (EU, "a")
    assert at == pytest.approx(3.0 + rule.delivery)


def test_an_event_is_lost_with_its_region(rule: Rule) -> None:
    def lose() -> None:
        rule.network.down[EU] = Failing.REFUSE
        rule.network.settle()

    rule.put("a")
    rule.put("b", region=US)
    rule.kernel.now_or_later(rule.delivery / 2, lose)
    assert rule.run() == ["b"]


def test_a_delayed_one_comes_later(rule: Rule) -> None:
    rule.bus.spoiled[EU] = (Spoiled.DELAYED, 8.0)
    rule.put("a")
    rule.put("b", region=US)
    assert rule.run() == ["b", "a"]
    assert rule.times == pytest.approx([rule.delivery, rule.delivery + 8.0])


def test_a_duplicated_one_comes_twice(rule: Rule) -> None:
    rule.bus.spoiled["*"] = (Spoiled.DUPLICATED, 8.0)
    rule.put("a")
    assert rule.run() == ["a", "a"]
    assert rule.times == pytest.approx([rule.delivery, rule.delivery + 8.0])


def test_reordered_ones_are_gathered_and_come_newest_first(rule: Rule) -> None:
    rule.bus.spoiled[EU] = (Spoiled.REORDERED, 5.0)
    for at, detail in ((0.0, "a"), (1.0, "b"), (2.0, "c"), (9.0, "d")):
        rule.put(detail, at=at)
    assert rule.run() == ["c", "b", "a", "d"]
    assert 5.0 <= rule.times[0] < rule.times[2] < 6.0 < 14.0 <= rule.times[3]


def test_what_was_gathered_comes_though_it_was_mended_meanwhile(rule: Rule) -> None:
    rule.bus.spoiled[EU] = (Spoiled.REORDERED, 5.0)
    rule.put("a")
    rule.kernel.now_or_later(1.0, rule.bus.spoiled.clear)
    assert rule.run() == ["a"]


@pytest.mark.parametrize(("place", "again"), [(EU, ["b", "a"]), ("*", ["b", "a", "c"]), (US, ["c"])])
def test_what_a_bus_has_seen_comes_once_more_newest_first(rule: Rule, place: str, again: list[str]) -> None:
    for detail, region in (("a", EU), ("b", EU), ("c", US)):
        rule.put(detail, region=region)
    rule.run(50.0)
    rule.bus.redeliver(place)
    assert sorted(rule.run()[3:]) == sorted(again)
    assert [each for each in rule.run()[3:] if each != "c"] == [each for each in again if each != "c"]


def test_a_rule_of_the_minute_fires_each_minute_while_there_is_power(rule: Rule) -> None:
    fired: list[float] = []

    def power(*, lost: bool) -> None:
        if lost:
            rule.network.powerless[EU] = Failing.REFUSE
        else:
            rule.network.powerless.clear()
        rule.network.settle()

    rule.bus.each_minute(EU, lambda: fired.append(rule.kernel.now), first=7.0)
    rule.kernel.now_or_later(100.0, lambda: power(lost=True))
    rule.kernel.now_or_later(200.0, lambda: power(lost=False))
    rule.kernel.run(300.0)
    assert [round(at, -1) for at in fired] == [10.0, 70.0, 250.0]
