"""Recovery time in parts that add up, loss by age, and the control plane's own share."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failover.records import Health
from rehearsal.form import parse_scenario
from rehearsal.history import History, Outcome, VoteChange, Write
from rehearsal.measures import PARTS, loss, recovery, write_pause
from rehearsal.milestones import Milestones
from rehearsal.player import play
from rehearsal.report import Report
from rehearsal.wording import headline
from tests.products import AP, EU, US
from tests.unit.rehearsal.fake_stage import FakeStage, failed_over, journalled

MINE = ((1, 2.0), (2, 6.0), (3, 50.0))
MOMENTS = ("fault", "detected", "decided", "stopped", "admitted", "moved", "served")


def lose_a_region(stage: FakeStage, until: str = "60s") -> Report:
    steps = [{"at": "5s", "fault": {"region_down": US}}, {"at": until, "expect": {"promotions": 1}}]
    return play(parse_scenario({"proves": "it", "steps": steps}), stage)


def test_a_failover_is_divided_at_its_moments() -> None:
    measures = lose_a_region(failed_over()).measures
    assert measures.moments == Milestones(US, EU, 5.0, 17.3, 27.3, 31.8, 32.0, 33.5, 38.0, 52.5)
    assert measures.recovery.rto_seconds == 47.5
    assert measures.recovery.rto_parts == {
        "detect": 12.3, "decide": 10.0, "fence": 4.5, "promote": 1.7, "shift": 4.5, "client_ttl": 14.5,
    }  # fmt: skip


def test_the_share_leaves_out_lease_and_postgresql() -> None:
    # From 27.3 to 34.2 are 6.9 s, of which 3.65 s in AwaitLease and 0.95 s from the accepted call to its end.
    assert lose_a_region(failed_over()).measures.control_plane_share_seconds == pytest.approx(2.3)


def test_nobody_is_recovered_while_one_group_still_waits() -> None:
    measures = lose_a_region(failed_over(), until="45s").measures
    assert measures.recovery.rto_seconds is None
    assert measures.recovery.rto_parts["client_ttl"] is None
    assert measures.recovery.rto_parts["shift"] == 4.5


def test_users_who_write_elsewhere_are_not_waited_for() -> None:
    """In a product of several zones each has its own writer: who never wrote in the lost one has lost nothing."""
    stage = failed_over()
    own = [Write("toronto", number, at - 0.1, at, Outcome.ACKNOWLEDGED, "toronto", "toronto") for number, at in MINE]
    stage.told = replace(stage.told, writes=(*stage.told.writes, *own))
    measures = lose_a_region(stage).measures
    assert (measures.moments.writer, measures.moments.served) == (EU, 52.5)


class Told(FakeStage):
    """A stage whose clients wrote what it is told, and nothing by themselves."""

    def history(self) -> History:
        return replace(super().history(), writes=self.told.writes)


class TestARegionThatWroteNothing:
    """Its users write elsewhere, through it: they are served again when another region serves the last of them."""

    @staticmethod
    def write(group: str, at: float, service: str | None) -> Write:
        told = Outcome.ACKNOWLEDGED if service else Outcome.FAILED
        return Write(group, int(10 * at), at - 0.1, at, told, service, US if service else None)

    def lost(self, *writes: Write) -> Report:
        stage = Told()
        (line,) = journalled(22.3, "INCIDENT_OPENED", "down for the whole dwell time")(stage.facts_now).journal
        opened = replace(line, entry=replace(line.entry, subject=EU))
        stage.told = replace(stage.told, writes=writes, journal=[opened])
        steps = [{"at": "5s", "fault": {"region_down": EU}}, {"at": "60s", "expect": {"promotions": 1}}]
        return play(parse_scenario({"proves": "it", "steps": steps}), stage)

    def test_they_are_served_again_when_another_region_serves_the_last_of_them(self) -> None:
        through_it = [self.write("eu", 2.0, EU), self.write("north", 2.5, EU)]
        later = [self.write("eu", 30.0, US), self.write("eu", 31.0, US), self.write("north", 36.0, AP)]
        report = self.lost(*through_it, *later, self.write("us", 2.0, US), self.write("us", 40.0, US))
        assert (report.measures.moments.writer, report.measures.recovery.rto_seconds) == (None, 31.0)
        assert headline(report).startswith("users served again after 31 s, written where it was")

    def test_they_are_not_while_one_of_them_still_waits(self) -> None:
        through_it = [self.write("eu", 2.0, EU), self.write("north", 2.5, EU)]
        report = self.lost(*through_it, self.write("eu", 30.0, US), self.write("north", 30.0, None))
        assert report.measures.recovery.rto_seconds is None
        assert "not everybody is served again" in headline(report)

    def test_nobody_is_served_again_by_the_region_itself(self) -> None:
        report = self.lost(self.write("eu", 2.0, EU), self.write("eu", 30.0, EU))
        assert report.measures.recovery.rto_seconds is None


def test_without_an_incident_there_is_nothing_to_measure() -> None:
    report = lose_a_region(FakeStage())
    assert report.measures.recovery.rto_seconds is None
    assert set(report.measures.recovery.rto_parts) == set(PARTS)
    assert not any(report.measures.recovery.rto_parts.values())
    assert report.measures.control_plane_share_seconds is None


def test_a_failover_by_hand_has_no_detection() -> None:
    stage = failed_over()
    stage.told = replace(stage.told, votes=())
    parts = lose_a_region(stage).measures.recovery.rto_parts
    assert (parts["detect"], parts["decide"]) == (None, 22.3)
    assert sum(each or 0.0 for each in parts.values()) == pytest.approx(47.5)


def test_detection_is_as_many_observers_at_the_same_time() -> None:
    stage = failed_over()
    change = VoteChange
    stage.told = replace(
        stage.told,
        votes=(
            change(1.0, AP, US, Health.UNHEALTHY),
            change(6.0, EU, AP, Health.UNHEALTHY),
            change(12.0, AP, US, Health.UNKNOWN),
            change(14.0, EU, US, Health.UNHEALTHY),
            change(19.0, AP, US, Health.UNHEALTHY),
        ),
    )
    assert lose_a_region(stage).measures.moments.detected == 19.0


@given(st.lists(st.none() | st.floats(0, 200), min_size=7, max_size=7))
def test_the_parts_always_add_up_and_none_is_negative(times: list[float | None]) -> None:
    moments = Milestones(US, EU, **dict(zip(MOMENTS, times, strict=True)))
    begun = moments.fault if moments.fault is not None else moments.decided
    if moments.served is not None and begun is not None and moments.served < begun:
        moments = replace(moments, served=begun)
    found = recovery(moments)
    assert all(each is None or each >= 0 for each in found.rto_parts.values())
    if found.rto_seconds is not None:
        assert sum(each or 0.0 for each in found.rto_parts.values()) == pytest.approx(found.rto_seconds, abs=0.01)


def test_loss_is_counted_in_rows_and_in_age() -> None:
    def write(number: int, at: float, *, lost: bool, region: str = US) -> Write:
        return Write(EU, number, at - 0.1, at, Outcome.ACKNOWLEDGED, EU, region, lost)

    failed = Write(EU, 9, 6.0, 7.0, Outcome.FAILED)
    writes = [write(1, 1.0, lost=False), write(2, 3.0, lost=True), write(3, 4.0, lost=True), write(4, 5.0, lost=False)]
    found = loss([*writes, failed, write(5, 20.0, lost=False, region=EU)], Milestones(subject=US))
    assert (found.acknowledged, found.lost) == (5, 2)
    assert (found.newest_lost_age_seconds, found.oldest_lost_age_seconds) == (1.0, 2.0)


def test_nothing_lost_has_no_age() -> None:
    found = loss([Write(EU, 1, 0.9, 1.0, Outcome.ACKNOWLEDGED, EU, US)], Milestones())
    assert (found.acknowledged, found.lost, found.newest_lost_age_seconds) == (1, 0, None)


def test_the_write_pause_is_the_longest_time_without_any_groups_acknowledgement() -> None:
    def write(group: str, at: float, outcome: Outcome = Outcome.ACKNOWLEDGED) -> Write:
        return Write(group, round(at * 100), at - 0.1, at, outcome)

    steady = [write(US, -1.0), write(US, 1.0), write(EU, 2.0)]
    failed = [write(US, 3.0, Outcome.FAILED), write(EU, 4.0, Outcome.FAILED)]
    assert write_pause(History(9.0, [*steady, *failed, write(EU, 6.5), write(US, 7.0)])) == 4.5
    assert write_pause(History(9.0, [*steady, *failed])) == 1.9
    assert write_pause(History(9.0, failed)) is None
