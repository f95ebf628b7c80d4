"""A version's way to the users, minute by minute, over entrances that only remember who is led where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from cli.main import app
from cli.roll import stages_of
from cli.rollout.entrances import Colour, EntranceUnreachableError, Figures, Stage, Standing
from cli.rollout.judging import Health, judge
from cli.rollout.rolling import HELD_SECONDS, Outcome, Rollout, StageFailedError
from topology_document.infrastructure.rollout import RolloutSection

ORDER = ["ap-southeast-1", "eu-west-1", "us-east-1"]
LIMITS = RolloutSection(order=ORDER)
STAGES = stages_of(LIMITS, ["us-east-1"])
CALL_SECONDS = 5
GOOD, SILENT = Figures(1000, 5, 120.0), Figures(3, 0, 100.0)


@dataclass
class Product:
    """Entrances, a clock, and who else is at work; every call to an entrance takes as long as it may."""

    figures_of: Callable[[Stage, float], Figures] = lambda _stage, _now: GOOD
    waits: Callable[[float], str | None] = lambda _now: None
    seconds: float = 0.0
    stages: list[Stage] = field(default_factory=lambda: STAGES)
    live: dict[str, Colour] = field(default_factory=dict)
    versions: dict[tuple[str, Colour], str] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    happened: list[str] = field(default_factory=list)
    ever: list[str] = field(default_factory=list)
    failing: str | None = None

    def __post_init__(self) -> None:
        self.live |= {str(each): Colour.BLUE for each in self.stages}
        self.versions |= {(str(each), Colour.BLUE): "1.0" for each in self.stages}

    def rollout(self, version: str = "2.0") -> Rollout:
        return Rollout(
            LIMITS, version, self, self, self.put, self.test, lambda: self.seconds, self.sleep, self.happened.append
        )

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def reason_to_wait(self) -> str | None:
        return self.waits(self.seconds)

    def put(self, stage: Stage, colour: str) -> None:
        assert colour != self.live[str(stage)], "pods that users are led to are not touched"
        if self.failing == f"put {stage}":
            raise StageFailedError("the image is not there")

    def test(self, stage: Stage) -> None:
        if self.failing == f"test {stage}":
            raise StageFailedError("the answer is wrong")

    def standing(self, stage: Stage) -> Standing:
        self.call(stage)
        versions = {colour: version for (name, colour), version in self.versions.items() if name == str(stage)}
        return Standing(self.live[str(stage)], versions)

    def is_ready(self, stage: Stage, colour: Colour) -> bool:
        self.call(stage)
        return True

    def name(self, stage: Stage, colour: Colour, version: str) -> None:
        self.call(stage)
        self.versions[str(stage), colour] = version

    def turn(self, stage: Stage, colour: Colour) -> None:
        self.call(stage)
        assert self.waits(self.seconds) is None or self.versions[str(stage), colour] == "1.0"
        self.live[str(stage)] = colour
        if self.versions[str(stage), colour] == "2.0":
            self.ever.append(str(stage))

    def figures(self, stage: Stage, colour: Colour) -> Figures:
        self.call(stage)
        return self.figures_of(stage, self.seconds)

    def call(self, stage: Stage) -> None:
        self.seconds += CALL_SECONDS
        if str(stage) in self.lost:
            raise EntranceUnreachableError(f"{stage}: no answer")

    @property
    def with_it(self) -> list[str]:
        return [name for name, colour in self.live.items() if self.versions.get((name, colour)) == "2.0"]


def test_the_stages_are_those_of_the_document_the_canary_watched_longest() -> None:
    assert [(str(each), each.watch_seconds) for each in STAGES] == [
        ("us-east-1 (staging)", 300),
        ("ap-southeast-1", 1800),
        ("eu-west-1", 300),
        ("us-east-1", 300),
    ]


def test_a_staging_of_several_regions_gets_it_in_one_after_another_before_any_user() -> None:
    stages = stages_of(LIMITS, ORDER)
    assert [str(each) for each in stages] == [*(f"{each} (staging)" for each in ORDER), *ORDER]
    assert [each.watch_seconds for each in stages] == [300, 300, 300, 1800, 300, 300]
    product = Product(stages=stages, figures_of=lambda seen, _: Figures(1000, 500, 90.0) if seen == stages[2] else GOOD)
    assert product.rollout().run(stages) is Outcome.TAKEN_BACK
    assert product.with_it == []
    assert product.ever == [str(each) for each in stages[:3]]


def test_the_command_takes_the_regions_of_staging_from_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    rolled: list[Sequence[Stage]] = []
    monkeypatch.setattr(Rollout, "run", lambda _, stages: rolled.append(stages) or Outcome.DONE)
    reviews = str(Path(__file__).parents[3] / "topologies" / "reviews.yaml")
    told = CliRunner().invoke(app, ["rollout", "2.0", "--topology", reviews, "--already-put"])
    assert told.exit_code == 0, told.output
    assert [str(each) for each in rolled[0]] == [*(f"{each} (staging)" for each in ORDER), *ORDER]


def test_a_version_that_does_well_reaches_every_region_after_the_canarys_half_hour() -> None:
    product = Product()
    assert product.rollout().run(STAGES) is Outcome.DONE
    assert product.with_it == [str(each) for each in STAGES]
    assert product.seconds >= 300 + 1800 + 300 + 300
    assert product.rollout().run(STAGES) is Outcome.DONE, "beginning again goes on where it was"


@pytest.mark.parametrize(
    "broken", [Figures(1000, 11, 120.0), Figures(1000, 0, 501.0)], ids=["errors over 1 %", "latency over 500 ms"]
)
@pytest.mark.parametrize("stage", STAGES, ids=str)
def test_what_breaks_anywhere_is_taken_back_everywhere_within_two_minutes(stage: Stage, broken: Figures) -> None:
    began: list[float] = []

    def figures(seen: Stage, now: float) -> Figures:
        if seen == stage and str(stage) in product.with_it:
            began[:] = began or [now]
            return broken
        return GOOD

    product = Product(figures_of=figures)
    assert product.rollout().run(STAGES) is Outcome.TAKEN_BACK
    assert product.with_it == []
    assert product.seconds - began[0] < LIMITS.back_seconds


def test_a_canary_that_breaks_while_later_regions_are_watched_takes_all_back() -> None:
    product = Product()
    product.figures_of = lambda seen, _: (
        Figures(1000, 500, 90.0) if seen.region == ORDER[0] and "us-east-1" in product.with_it else GOOD
    )
    assert product.rollout().run(STAGES) is Outcome.TAKEN_BACK
    assert product.with_it == []


@pytest.mark.parametrize("failing", ["put ap-southeast-1", "test us-east-1 (staging)", "test eu-west-1"])
def test_what_cannot_be_put_or_fails_its_test_is_taken_back(failing: str) -> None:
    product = Product(failing=failing)
    assert product.rollout().run(STAGES) is Outcome.TAKEN_BACK
    assert product.with_it == []


def test_minutes_without_users_prove_nothing_and_stop_the_rollout_in_the_end() -> None:
    product = Product(figures_of=lambda stage, _: SILENT if stage.region == ORDER[0] else GOOD)
    assert product.rollout().run(STAGES) is Outcome.STOPPED
    assert product.with_it == ["us-east-1 (staging)", "ap-southeast-1"]


def test_nothing_is_turned_while_an_incident_is_open_and_its_time_does_not_count() -> None:
    product = Product(waits=lambda now: "the incident x is open" if 600 < now < 2400 else None)
    assert product.rollout().run(STAGES) is Outcome.DONE
    assert product.seconds > 2400 + 300


def test_an_incident_that_does_not_end_stops_the_rollout_where_it_is() -> None:
    product = Product(waits=lambda now: "the incident x is open" if now > 600 else None)
    assert product.rollout().run(STAGES) is Outcome.STOPPED
    assert product.seconds < 600 + 2 * HELD_SECONDS + 4 * 1800


def test_a_region_that_is_lost_stops_the_rollout_and_nothing_else() -> None:
    product = Product(lost={"eu-west-1"})
    assert product.rollout().run(STAGES) is Outcome.STOPPED
    assert product.with_it == ["us-east-1 (staging)", "ap-southeast-1"]


def test_taking_back_leaves_out_what_is_lost_and_says_so() -> None:
    product = Product()
    product.rollout().run(STAGES)
    product.lost = {"eu-west-1"}
    assert [str(each) for each in product.rollout().take_back(STAGES)] == ["eu-west-1"]
    assert product.with_it == ["eu-west-1"]


def test_who_turns_a_region_back_by_hand_ends_the_rollout_everywhere() -> None:
    product = Product()

    def figures(stage: Stage, now: float) -> Figures:
        if now > 900:
            product.live["ap-southeast-1"] = Colour.BLUE
        return GOOD

    product.figures_of = figures
    assert product.rollout().run(STAGES) is Outcome.TAKEN_BACK
    assert product.with_it == []


def test_an_interrupted_rollout_is_taken_back() -> None:
    product = Product()

    def interrupted(_: Stage, now: float) -> Figures:
        if now > 1000:
            raise KeyboardInterrupt
        return GOOD

    product.figures_of = interrupted
    with pytest.raises(KeyboardInterrupt):
        product.rollout().run(STAGES)
    assert product.with_it == []


@given(requests=st.integers(0, 10**6), share=st.floats(0, 1), p95=st.none() | st.floats(0, 60_000, allow_nan=False))
def test_a_minute_is_healthy_only_within_both_limits(requests: int, share: float, p95: float | None) -> None:
    errors = int(requests * share)
    health = judge(Figures(requests, errors, p95), LIMITS).health
    if health is Health.HEALTHY:
        assert requests >= LIMITS.least_requests
        assert errors * 100 <= requests * LIMITS.error_percent
        assert p95 is not None
        assert p95 <= LIMITS.latency_ms
    if requests < LIMITS.least_requests:
        assert health is Health.UNKNOWN
