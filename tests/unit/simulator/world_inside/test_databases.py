"""Copies: what a replica has by when, what a promotion parts, and what a gate of another server opens."""

import pytest

from failover.errors import DatabaseUnreachableError
from rehearsal.form.fault_kinds import Failing
from simulator.world.databases import GATE_BYTES, WRITE_BYTES, Branch, Commit, Copy, GateRow, NotWritten
from simulator.world.world import World
from tests.products import AP, EU, US
from tests.unit.simulator.world_inside.deployed import world

FOREVER = 1e12
SHUT = GateRow(0, "", fenced=False, valid_until=0.0)


@pytest.fixture
def made() -> World:
    """A world in which the writer's gate is open, and one row is written each second; replicas are 0.5 s behind."""
    made = world()
    for copy in made.copies.values():
        copy.lag_seconds = 0.5
    writer(made).admit(1, FOREVER)

    def write(number: int = 0) -> None:
        if writer(made).refusal() is None:
            writer(made).write("client", number)
        made.kernel.now_or_later(1.0, lambda: write(number + 1))

    write()
    return made


def writer(made: World) -> Copy:
    return made.copies["orders", US]


def replica(made: World, region: str = EU) -> Copy:
    return made.copies["orders", region]


def at(made: World, seconds: float) -> None:
    made.kernel.run(seconds)
    made.settle()


def rows(copy: Copy) -> int:
    return (copy.position - GATE_BYTES) // WRITE_BYTES


class TestReplication:
    """What a replica has received."""

    def test_it_is_behind_by_its_lag(self, made: World) -> None:
        replica(made).lag_seconds = 2.5
        replica(made, AP).lag_seconds = 0.5
        at(made, 10.2)
        assert rows(writer(made)) == 11
        assert rows(replica(made)) == 8
        assert rows(replica(made, AP)) == 10

    def test_it_falls_further_behind_by_what_a_fault_adds(self, made: World) -> None:
        replica(made).lag_seconds, replica(made).extra_lag_seconds = 0.5, 5.0
        at(made, 10.2)
        assert rows(replica(made)) == 5

    def test_one_that_is_held_back_receives_nothing_until_it_is_not(self, made: World) -> None:
        at(made, 5.2)
        replica(made).held_back = True
        at(made, 20.2)
        assert rows(replica(made)) == 5
        replica(made).held_back = False
        at(made, 20.3)
        assert rows(replica(made)) == 20

    @pytest.mark.parametrize("path", [(US, EU), (EU, US), (US, "*")])
    def test_a_cut_in_either_direction_stops_it(self, made: World, path: tuple[str, str]) -> None:
        at(made, 5.2)
        made.network.cut(path, Failing.HANG)
        made.settle()
        at(made, 20.2)
        assert rows(replica(made)) == 5
        made.network.mend(path)
        made.settle()
        assert rows(replica(made)) == 20

    def test_a_source_that_is_gone_gives_nothing_more(self, made: World) -> None:
        at(made, 5.2)
        writer(made).reachable = False
        at(made, 20.2)
        assert rows(replica(made)) == 5

    def test_the_gate_comes_with_the_rows_and_opens_nothing_here(self, made: World) -> None:
        at(made, 5.0)
        told = replica(made).describe()
        assert (told.gate_epoch, told.gate_open, told.in_recovery) == (1, False, True)
        assert replica(made).gate_holder == writer(made).gate_holder
        assert replica(made).refusal() == "this copy is a replica"

    def test_a_fence_is_replicated_too(self, made: World) -> None:
        writer(made).fence(2)
        at(made, 5.0)
        assert (replica(made).gate_epoch, replica(made).gate_fenced) == (2, True)


class TestPromotion:
    """A copy becomes a database of its own."""

    def test_it_has_what_it_had_received_and_its_gate_is_shut(self, made: World) -> None:
        replica(made).lag_seconds = 2.5
        made.kernel.run(10.2)
        told = replica(made).promote()
        assert (told.in_recovery, told.gate_open) == (False, False)
        assert rows(replica(made)) == 8
        assert replica(made).identity != writer(made).identity
        assert replica(made).refusal() == "the gate is shut"

    def test_promoting_twice_changes_nothing(self, made: World) -> None:
        at(made, 5.0)
        replica(made).promote()
        branch, timeline = replica(made).branch, replica(made).timeline
        replica(made).promote()
        assert (replica(made).branch, replica(made).timeline) == (branch, timeline)

    def test_it_writes_once_it_is_admitted_under_its_own_epoch(self, made: World) -> None:
        at(made, 5.0)
        replica(made).promote()
        replica(made).admit(2, FOREVER)
        before = replica(made).position
        assert replica(made).write("client", 1) == (2, before + WRITE_BYTES)

    def test_the_old_writers_rows_after_the_fork_are_not_in_it(self, made: World) -> None:
        replica(made).lag_seconds = 2.5
        made.kernel.run(10.2)
        old = writer(made).branch
        replica(made).promote()
        forked = replica(made).position
        assert replica(made).history.contains(old, forked)
        assert not replica(made).history.contains(old, forked + WRITE_BYTES)
        assert writer(made).history.contains(old, forked + WRITE_BYTES)

    def test_one_that_does_not_run_is_not_promoted(self, made: World) -> None:
        replica(made).reachable = False
        with pytest.raises(DatabaseUnreachableError):
            replica(made).promote()
        assert replica(made).in_recovery

    def test_the_others_still_follow_the_old_writer(self, made: World) -> None:
        at(made, 5.0)
        replica(made).promote()
        at(made, 20.2)
        assert rows(replica(made, AP)) == 20
        assert replica(made, AP).history is writer(made).branch


def test_one_that_follows_a_new_writer_has_its_rows_and_not_its_own(made: World) -> None:
    replica(made).lag_seconds = 2.5
    at(made, 10.0)
    old = writer(made).branch
    replica(made).promote()
    replica(made).admit(2, FOREVER)
    replica(made).write("client", 1)
    lost = writer(made).position
    writer(made).follow(replica(made))
    assert writer(made).position == replica(made).position
    assert writer(made).in_recovery
    assert not writer(made).history.contains(old, lost)
    replica(made).write("client", 2)
    at(made, 20.0)
    assert writer(made).position == replica(made).position


class TestBranches:
    """Which rows are on which timeline."""

    def forks(self) -> tuple[Branch, Branch, Branch]:
        """One that forked from another at 300, and one that forked from that one at 500."""
        trunk = Branch("1")
        middle = Branch("2", trunk, 300)
        return trunk, middle, Branch("3", middle, 500)

    @pytest.mark.parametrize(
        ("whose", "position", "has"),
        [(0, 300, True), (0, 301, False), (1, 500, True), (1, 501, False), (2, 10_000, True)],
    )
    def test_it_has_of_each_ancestor_what_was_there_when_it_forked(self, whose: int, position: int, has: bool) -> None:
        forks = self.forks()
        assert forks[2].contains(forks[whose], position) is has

    def test_a_later_fork_from_an_earlier_place_has_less(self) -> None:
        trunk, middle, _ = self.forks()
        short = Branch("4", middle, 200)
        assert short.contains(trunk, 200)
        assert not short.contains(trunk, 201), "the middle had it, and this one forked before"

    def test_nobody_has_what_a_sister_or_a_child_wrote(self) -> None:
        trunk, middle, last = self.forks()
        assert not trunk.contains(middle, 1)
        assert not Branch("4", trunk, 300).contains(last, 1)

    def test_the_last_commit_by_a_moment(self) -> None:
        branch = Branch("1")
        commits = [Commit(float(second), second * 10, SHUT) for second in range(1, 5)]
        for commit in commits:
            branch.append(commit)
        assert branch.until(0.9) is None
        assert branch.until(2.0) == commits[1]
        assert branch.until(2.9) == commits[1]
        assert branch.until(99.0) == commits[-1]


class TestRefusals:
    """Why a row is not written, and that it is not."""

    @pytest.mark.parametrize(
        ("trouble", "why"),
        [
            ("reachable", "the server does not run"),
            ("in_recovery", "this copy is a replica"),
            ("read_only", "takes no writes of anybody"),
            ("gate_fenced", "the gate is shut"),
        ],
    )
    def test_it_says_why(self, made: World, trouble: str, why: str) -> None:
        copy = writer(made)
        setattr(copy, trouble, trouble != "reachable")
        position = copy.position
        with pytest.raises(NotWritten, match=why):
            copy.write("client", 1)
        assert copy.position == position

    def test_the_lease_ends_by_its_own_clock(self, made: World) -> None:
        copy = writer(made)
        copy.fence(2)
        copy.admit(3, copy.clock.now().timestamp() + 10.0)
        made.kernel.run(9.9)
        assert copy.refusal() is None
        made.kernel.run(10.1)
        assert copy.refusal() == "the gate is shut"

    def test_one_whose_disk_is_full_ends_with_its_first_row(self, made: World) -> None:
        writer(made).full = True
        assert writer(made).reachable
        with pytest.raises(NotWritten, match="the disk is full"):
            writer(made).write("client", 1)
        assert writer(made).refusal() == "the server does not run"


def test_each_copys_clock_is_wrong_in_a_way_of_its_own(made: World) -> None:
    clocks = [copy.clock for copy in made.copies.values()]
    wrong = [clock.now().timestamp() for clock in clocks]
    assert len({round(each, 3) for each in wrong}) == len(wrong)
    elapsed = [clock.elapsed() for clock in clocks]
    made.kernel.run(1000.0)
    rates = [(clock.elapsed() - before) / 1000.0 for clock, before in zip(clocks, elapsed, strict=True)]
    assert all(0.999 < rate < 1.001 for rate in rates)
    assert len(set(rates)) == len(rates)
