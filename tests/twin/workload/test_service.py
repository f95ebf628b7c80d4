"""The service of a region: what it acknowledges, what it refuses, how healthy it says it is."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.twin.workload.world import EU, MASTER, US, World, eventually
from twin.network import Cut

pytestmark = pytest.mark.twin

WELL = {"edge": "healthy", "application": "healthy", "database_read": "healthy", "cache": "absent"}


@pytest.mark.parametrize("region", [US, EU])
def test_what_is_acknowledged_is_there(world: World, epoch: int, region: str) -> None:
    before = time.time()
    answer = world.write(region, f"there-{region}", 7)
    assert answer.status == 201
    committed_at = answer.told.pop("committed_at")
    assert answer.told == {"region": region, "committed_in": US, "epoch": epoch}
    assert before - 0.1 < committed_at < time.time() + 0.1
    with world.servers[US].connect(MASTER.database) as session:
        row = session.execute(
            "select region, epoch, committed_in from rows where client = %s", (f"there-{region}",)
        ).fetchall()
    assert row == [(region, epoch, US)]


def test_a_number_sent_twice_is_acknowledged_twice_and_there_once(world: World, epoch: int) -> None:
    answers = [world.write(region, "twice", 1) for region in (US, EU)]
    assert [(answer.status, answer.told["committed_in"]) for answer in answers] == [(201, US), (201, US)]
    assert world.numbers(US, "twice") == [1]


def test_a_shut_gate_lets_nothing_pass_and_nothing_is_acknowledged(world: World, epoch: int) -> None:
    assert world.write(EU, "shut", 1).status == 201
    world.gate(US).fence(epoch)
    answers = [world.write(region, "shut", 2) for region in (US, EU)]
    assert [answer.status for answer in answers] == [503, 503]
    assert "fenced" in answers[0].told["reason"] and "replica" in answers[0].told["reason"]
    assert world.numbers(US, "shut") == [1]
    world.admit(US, epoch + 1)
    assert world.write(US, "shut", 3).told["epoch"] == epoch + 1


def test_a_lease_that_runs_out_ends_writing_by_itself(world: World, epoch: int) -> None:
    world.gate(US).fence(epoch)
    world.admit(US, epoch + 1, seconds=0.5)
    assert world.write(US, "lease", 1).status == 201
    time.sleep(0.6)
    answer = world.write(US, "lease", 2)
    assert (answer.status, "lease has run out" in answer.told["reason"]) == (503, True)
    assert world.numbers(US, "lease") == [1]


def test_a_region_reads_its_own_copy(world: World, epoch: int) -> None:
    world.write(US, "read", 4)
    assert world.get(US, "/rows?client=read").told["numbers"] == [4]
    eventually(lambda: world.get(EU, "/rows?client=read").told["numbers"] == [4])
    world.servers[EU].stop_receiving()
    try:
        world.write(EU, "read", 5)
        assert world.get(US, "/rows?client=read").told["numbers"] == [4, 5]
        assert world.get(EU, "/rows?client=read").told["numbers"] == [4]
    finally:
        world.servers[EU].resume_receiving()


def test_the_writers_region_is_as_healthy_as_its_gate(world: World, epoch: int) -> None:
    assert world.parts(US) == (200, {**WELL, "database_write": "healthy"})
    assert world.parts(EU) == (200, {**WELL, "database_write": "absent"})
    world.gate(US).fence(epoch)
    assert world.parts(US) == (200, {**WELL, "database_write": "absent"}), "it has handed over, which is no illness"
    assert "fenced" in world.get(US, "/health/deep").told["parts"]["database_write"]["reason"]
    assert world.parts(EU) == (200, {**WELL, "database_write": "absent"})


@pytest.mark.parametrize("how", list(Cut))
def test_a_cut_holds_for_kept_sessions_too_and_no_request_hangs(world: World, epoch: int, how: Cut) -> None:
    assert world.write(EU, f"cut-{how}", 1).status == 201
    world.network.cut(EU, US, how)
    try:
        for number in (2, 3):
            began = time.monotonic()
            assert world.write(EU, f"cut-{how}", number).status == 503
            assert time.monotonic() - began < 1.7
        assert world.parts(EU)[0] == 200
        assert world.write(US, f"cut-{how}", 4).status == 201
    finally:
        world.network.heal(EU, US)
    assert eventually(lambda: world.write(EU, f"cut-{how}", 5).status == 201) < 1.0
    assert world.numbers(US, f"cut-{how}") == [1, 4, 5]


def test_a_frozen_writer_costs_no_request_more_than_its_budget(world: World, epoch: int) -> None:
    with world.servers[US].connect(MASTER.database) as session, ThreadPoolExecutor(6) as several:
        session.execute("begin; lock table rows in access exclusive mode")
        began = time.monotonic()
        answers = list(several.map(lambda number: world.write(US, "frozen", number), range(6)))
        assert time.monotonic() - began < 1.9
        assert {answer.status for answer in answers} == {503}
        session.execute("rollback")
    assert eventually(lambda: world.write(US, "frozen", 10).status == 201) < 1.0


@pytest.mark.parametrize("number", [-1, 2**63, "7", True, None, 1.5])
def test_what_is_no_row_is_refused_with_the_form_of_one(world: World, epoch: int, number: object) -> None:
    answer = world.write(US, "form", number)
    assert answer.status == 400
    assert "number, from 0 to" in answer.told["reason"]


def test_what_there_is_not_is_told_with_what_there_is(world: World) -> None:
    answer = world.get(US, "/nothing")
    assert (answer.status, "/health/deep" in answer.told["reason"]) == (404, True)


def test_before_the_gate_is_installed_nobody_is_the_writer(world: World, epoch: int) -> None:
    with world.servers[US].connect(MASTER.database) as session:
        session.execute("drop schema lifeboat cascade")
    assert world.parts(US) == (200, {**WELL, "database_write": "absent"})
    assert world.write(US, "early", 1).status == 503
    world.gate(US).install()
    assert world.parts(US) == (503, {**WELL, "database_write": "unhealthy"})
    assert world.numbers(US, "early") == []
