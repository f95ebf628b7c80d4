"""Clients follow the name, services follow the writer, and only what is durable is acknowledged."""

from __future__ import annotations

import pytest

from rehearsal.form import Load
from rehearsal.form.fault_kinds import Failing
from rehearsal.history import Outcome
from simulator.world.network import USERS
from tests.products import AP, EU, US, quickstart
from tests.unit.simulator.world_outside.scene import Scene, cut, mend

ACKNOWLEDGED, FAILED = Outcome.ACKNOWLEDGED, Outcome.FAILED


def test_every_group_writes_through_its_own_region_to_the_one_writer() -> None:
    scene = Scene(still=False)
    scene.run(61.0)
    for group in (US, EU, AP):
        writes = scene.writes(group)
        assert {(each.outcome, each.service, each.committed_in, each.epoch) for each in writes} == {
            (ACKNOWLEDGED, group, US, 1)
        }
        assert [each.number for each in writes] == list(range(1, len(writes) + 1))
        assert len(writes) in (60, 61)
    durable = scene.copies["orders", US].branch
    assert all(each.branch is durable and each.position is not None for each in scene.recorder.writes)
    assert len({each.position for each in scene.recorder.writes}) == len(scene.recorder.writes)


def test_a_group_writes_at_its_own_rate_which_grows_from_the_second_that_it_is_told() -> None:
    growing = Load.model_validate({"groups": {EU: 4}, "writes_per_second": 2, "grows": {"times": 3, "within": "20s"}})
    scene = Scene(load=growing)
    scene.clients.zero = 10.0
    scene.run(50.0)

    def sent(group: str, since: float, until: float) -> int:
        return sum(since <= each.sent_at < until for each in scene.writes(group))

    assert [sent(group, 0.0, 10.0) for group in (US, EU)] == pytest.approx([20, 40], abs=1)
    assert [sent(group, 30.0, 40.0) for group in (US, EU)] == pytest.approx([60, 120], abs=1)
    assert 20 < sent(US, 15.0, 20.0) * 2 < sent(US, 20.0, 25.0) * 2 < 60


def test_the_same_seed_plays_the_same_and_another_one_does_not() -> None:
    def played(seed: str) -> list[float]:
        scene = Scene(seed, still=False)
        scene.run(20.0)
        scene.lose(US)
        scene.run(40.0)
        return [each.ended_at for each in scene.recorder.writes]

    assert played("1") == played("1") != played("2")


@pytest.mark.parametrize("how", list(Failing))
def test_when_the_writers_region_is_lost_nothing_is_acknowledged_until_another_one_writes(how: Failing) -> None:
    scene = Scene(still=False)
    scene.run(30.0)
    scene.lose(US, how)
    scene.run(60.0)
    assert all(scene.outcomes(group, since=30.0) == {FAILED} for group in (US, EU, AP))
    assert all(each.reason for each in scene.recorder.answers if not each.acknowledged)
    scene.move("orders", EU, 2)
    scene.run(63.0)
    scene.run(90.0)
    assert scene.outcomes(EU, since=62.0) == scene.outcomes(AP, since=62.0) == {ACKNOWLEDGED}
    assert {each.epoch for each in scene.writes(AP, since=62.0)} == {2}
    assert scene.outcomes(US, since=62.0) == {FAILED}  # its name still leads to the lost region


def test_users_of_a_lost_region_follow_the_lever_and_their_resolver() -> None:
    scene = Scene()
    scene.run(30.0)
    scene.lose(US)
    scene.move("orders", EU, 2)
    scene.evacuate(US)
    scene.run(80.0)
    first = next(each for each in scene.writes(US, since=30.0) if each.outcome is ACKNOWLEDGED)
    (flip,) = [each for each in scene.recorder.flips if each.region is not None]
    assert flip.at < first.sent_at <= flip.at + 2.0 + 20.0 + 1.0  # propagation, time to live, and the next write
    assert (first.service, first.committed_in) == (EU, EU)


def test_a_dead_region_answers_late_or_at_once_as_the_network_says() -> None:
    late, soon = Scene(), Scene()
    late.lose(US, Failing.HANG)
    soon.lose(US, Failing.REFUSE)
    for scene in (late, soon):
        scene.run(10.0)
    assert late.writes(US)[0].ended_at == pytest.approx(2.0)
    assert soon.writes(US)[0].ended_at < 0.1
    assert {each.service for each in late.writes(US) + soon.writes(US)} == {None}


@pytest.mark.parametrize("how", list(Failing))
def test_a_service_that_is_cut_off_from_the_writer_refuses_and_the_others_do_not(how: Failing) -> None:
    scene = Scene(still=False)
    scene.run(30.0)
    cut(scene.network, EU, US, how)
    scene.run(60.0)
    assert scene.outcomes(EU, since=30.0) == {FAILED}
    assert {each.service for each in scene.writes(EU, since=30.0)} == {EU}
    assert "us-east-1: out of reach" in scene.writes(EU, since=31.0)[-1].reason
    assert scene.outcomes(US, since=30.0) == scene.outcomes(AP, since=30.0) == {ACKNOWLEDGED}
    mend(scene.network, EU, US)
    scene.run(90.0)
    assert scene.outcomes(EU, since=62.0) == {ACKNOWLEDGED}


def test_a_row_whose_answer_is_lost_is_durable_and_not_acknowledged() -> None:
    scene = Scene()
    scene.run(30.0)
    durable = scene.copies["orders", US].position
    cut(scene.network, US, EU)
    scene.run(31.0)
    rows = scene.copies["orders", US].position - durable
    scene.run(40.0)
    assert rows == 300  # one of each group
    assert scene.outcomes(EU, since=30.0) == {FAILED}


def test_an_answer_that_cannot_leave_is_none() -> None:
    scene = Scene()
    scene.run(30.0)
    cut(scene.network, US, USERS)
    scene.run(40.0)
    assert scene.outcomes(US, since=30.0) == {FAILED}
    assert scene.outcomes(EU, since=30.0) == {ACKNOWLEDGED}


def test_a_writer_whose_gate_shuts_is_left_and_found_again() -> None:
    scene = Scene()
    scene.run(30.0)
    copy = scene.copies["orders", US]
    open_until, copy.gate_valid_until = copy.gate_valid_until, float("-inf")
    scene.run(40.0)
    assert scene.outcomes(US, since=30.0) == {FAILED}
    assert "the gate is shut" in scene.writes(US, since=30.0)[0].reason
    copy.gate_valid_until = open_until
    scene.run(50.0)
    assert scene.outcomes(US, since=41.0) == {ACKNOWLEDGED}


def test_a_slow_application_answers_what_its_clients_have_given_up_on() -> None:
    scene = Scene()
    scene.run(30.0)
    scene.services[US].slow = lambda _now: 3.0
    scene.run(40.0)
    assert scene.outcomes(US, since=30.0) == {FAILED}
    assert all(each.ended_at == pytest.approx(each.sent_at + 2.0) for each in scene.writes(US, since=30.0))
    assert {each.service for each in scene.writes(US, since=30.0)} == {None}  # nobody told them who was slow
    assert scene.outcomes(EU, since=30.0) == {ACKNOWLEDGED}


def test_a_server_that_stands_still_for_long_loses_some_writes() -> None:
    scene = Scene(still=False)
    copy = scene.copies["orders", US]
    copy.slow_seconds, before = 3.0, copy.position
    scene.run(120.2)
    scene.clients.stop()
    scene.run(130.0)
    assert scene.outcomes(US) == {ACKNOWLEDGED, FAILED}
    outcomes = [each.outcome for each in scene.recorder.writes]
    durable = (copy.position - before) // 100
    # It cancels what takes too long; a few that it has just done in time come to their client too late.
    assert outcomes.count(ACKNOWLEDGED) <= durable < outcomes.count(ACKNOWLEDGED) + outcomes.count(FAILED) / 10


def test_a_full_disk_ends_the_server_at_the_first_write() -> None:
    scene = Scene()
    scene.run(30.0)
    scene.copies["orders", US].full = True
    scene.run(40.0)
    assert not scene.copies["orders", US].reachable
    assert scene.outcomes(EU, since=31.0) == {FAILED}


def test_a_service_that_is_started_anew_remembers_no_writer() -> None:
    scene = Scene()
    scene.run(30.0)
    scene.services[EU].restart()
    scene.run(35.0)
    assert scene.outcomes(EU, since=30.0) == {ACKNOWLEDGED}
    looked, known, *_ = [each.ended_at - each.sent_at for each in scene.writes(EU, since=30.0)]
    assert looked > known + 0.03  # there and back to America


def test_clients_that_are_stopped_end_what_is_under_way_and_send_nothing_more() -> None:
    scene = Scene()
    scene.run(30.2)
    scene.clients.stop()
    scene.run(60.0)
    assert max(each.sent_at for each in scene.recorder.writes) <= 30.2
    assert {each.number for each in scene.writes(US)} == set(range(1, 32))


def test_a_product_without_a_name_to_write_to_has_no_clients() -> None:
    (route,) = quickstart().routes
    with pytest.raises(ValueError, match="writes: true"):
        Scene(topology=quickstart(routes=(type(route)("app", route.policy, 20, route.regions, writes=False),)))


def test_what_a_group_last_met_with_is_known() -> None:
    scene = Scene()
    scene.run(30.0)
    group = scene.clients.groups[EU]
    assert group.reached == EU
    assert group.failed_at is None
    assert group.acknowledged_at == scene.writes(EU)[-1].ended_at
    assert scene.clients.acknowledged["orders", US] >= 29.0


def test_a_schedule_costs_few_events() -> None:
    scene = Scene(still=False)
    scene.run(60.0)
    scene.lose(US)
    scene.checks.stir()
    scene.run(85.0)
    scene.move("orders", EU, 2)
    scene.evacuate(US)
    scene.run(150.0)
    assert scene.kernel.events < 2500
