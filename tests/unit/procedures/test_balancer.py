"""What a region's load balancer is told follows the levers, and a dead control region evacuates nobody."""

from collections.abc import Mapping, Sequence

from failover.adapters.memory import ManualClock
from failover.ports import Answer
from failover.procedures.balancer import FRESH_SECONDS, BalancerLever
from failover.topology import Names
from tests.products import AP, EU, US, quickstart

NAMES = Names(quickstart())
DEAD = Answer(0, "", 1.5, "ConnectionRefusedError")


class Levers:
    """Control regions' levers, each with what it says; one that is not named is dead."""

    def __init__(self, **said: str) -> None:
        self.said, self.asked = {region.replace("_", "-"): text for region, text in said.items()}, 0

    def get(self, urls: Sequence[str], timeout_seconds: float) -> Mapping[str, Answer]:
        assert timeout_seconds < 2
        self.asked += 1
        return {url: self._answer(url) for url in urls}

    def _answer(self, url: str) -> Answer:
        region = url.removeprefix("https://").partition(".")[0]
        return Answer(200, self.said[region], 0.1) if region in self.said else DEAD


def lever(levers: Levers, clock: ManualClock | None = None) -> BalancerLever:
    return BalancerLever(quickstart(), EU, levers, clock or ManualClock())


def test_any_living_control_region_suffices_to_evacuate() -> None:
    assert lever(Levers(us_east_1=NAMES.lever_token(EU))).evacuated()
    assert lever(Levers(us_east_1="in service: eu-west-1", ap_southeast_1=NAMES.lever_token(EU))).evacuated()


def test_dead_levers_and_those_of_other_regions_evacuate_nobody() -> None:
    assert not lever(Levers()).evacuated()
    assert not lever(Levers(us_east_1=NAMES.lever_token(US), eu_west_1=NAMES.lever_token(AP))).evacuated()


def test_many_questions_at_once_are_one_round() -> None:
    clock, levers = ManualClock(), Levers(us_east_1="in service: eu-west-1")
    asked = lever(levers, clock)
    assert not any(asked.evacuated() for _ in range(9))
    assert levers.asked == 1
    levers.said[US] = NAMES.lever_token(EU)
    clock.sleep(FRESH_SECONDS)
    assert asked.evacuated()
