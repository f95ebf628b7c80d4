"""The quorum store in virtual time: agreement takes a while, places go, and the store's own logic copes."""

import contextlib
import itertools
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from failover.adapters.memory.surroundings import NOON
from failover.adapters.replicated import GUARDS, QUICK, STEADY, Patience, ReplicaError, ReplicatedStore
from failover.errors import ChangedMeanwhileError, StoreUnreachableError
from failover.records import Control, Health, JournalEntry, Vote
from simulator.kernel import Actor, Kernel
from simulator.world.network import NoAnswer
from simulator.world.store import store_seen_from
from simulator.world.table import Table
from tests.products import EU, QUORUM, US

T = TypeVar("T")

ONE, OTHER, WITNESS = QUORUM
COMMIT_SECONDS = 0.2
VOTE = Vote(US, EU, Health.UNHEALTHY, "no answer", 7, 1, NOON, 3.5, ("a", "b"))


class Roads:
    """A network on which a request takes ``way_seconds``; ``fate`` says what becomes of the next one."""

    def __init__(self, kernel: Kernel, fate: Callable[[], str] = lambda: "", way_seconds: float = 0.01) -> None:
        self._kernel, self._fate, self._way_seconds = kernel, fate, way_seconds
        self.asked: list[str] = []

    def ask(
        self,
        source: str,
        target: str,
        act: Callable[[], T],
        *,
        service: str,
        timeout_seconds: float,
        takes_seconds: float,
        writes: bool,
    ) -> T:
        self.asked.append(target)
        fate, until = self._fate(), self._kernel.now + timeout_seconds
        if fate == "late":
            self._kernel.actor(lambda: self._anyhow(act), "late", after=3 * timeout_seconds)
        if fate in ("late", "not sent"):
            self._kernel.sleep(timeout_seconds)
            raise NoAnswer(fate)
        self._kernel.sleep(self._way_seconds)
        try:
            return act()
        finally:
            if fate == "answer lost":
                self._kernel.sleep(until - self._kernel.now)
                raise NoAnswer(fate)
            self._kernel.sleep(self._way_seconds)

    def _anyhow(self, act: Callable[[], object]) -> None:
        with contextlib.suppress(ReplicaError, NoAnswer):
            act()


class Play:
    """Actors beside one table, whose places and paths the test takes away."""

    def __init__(self, fate: Callable[[], str] = lambda: "", commit_seconds: Callable[[], float] | None = None) -> None:
        self.kernel = Kernel()
        self.up = set(QUORUM)
        self.cut: set[tuple[str, str]] = set()
        self.roads = Roads(self.kernel, fate)
        self.table = Table(
            self.kernel,
            (ONE, OTHER),
            WITNESS,
            places_up=lambda: self.up,
            between=lambda one, other: (one, other) not in self.cut,
            commit_seconds=commit_seconds or (lambda: COMMIT_SECONDS),
        )
        self._nonces = itertools.count()
        self.told: list[tuple[float, Any]] = []

    def store(self, first: str = ONE, patience: Patience = STEADY) -> ReplicatedStore:
        """A store that asks this replica first."""
        store = store_seen_from(EU, self.table, self.roads, nonces=lambda: str(next(self._nonces)), patience=patience)
        store._replicas.sort(key=lambda replica: replica.region != first)
        return store

    def at(self, seconds: float, act: Callable[[], Any]) -> Actor:
        """Somebody acts at a time; what came of it is told with the time."""

        def play() -> None:
            try:
                outcome = act()
            except (ChangedMeanwhileError, StoreUnreachableError) as exc:
                outcome = type(exc)
            self.told.append((round(self.kernel.now, 3), outcome))

        return self.kernel.actor(play, "somebody", after=seconds)

    def change(self, term: int, first: str = ONE) -> Callable[[], int]:
        """Write this term over what nobody has written yet."""
        return lambda: self.store(first).change_control(Control(version=0), Control(version=0, term=term)).term

    def run(self) -> list[Any]:
        """Let everything happen; returns what came of it, in order of time."""
        self.kernel.run(1000.0)
        return [outcome for _, outcome in self.told]


def test_of_two_writes_that_meet_in_different_regions_one_fails_at_once() -> None:
    play = Play()
    play.at(0.0, play.change(1, ONE))
    play.at(0.1, play.change(2, OTHER))
    play.run()
    assert play.told == [(0.12, ChangedMeanwhileError), (0.22, 1)]
    assert play.table.peek(Control, "control") == Control(version=1, term=1)


def test_in_one_region_the_second_write_waits_for_the_first() -> None:
    play = Play()
    play.at(0.0, play.change(1, ONE))
    play.at(0.1, play.change(2, ONE))
    assert play.run() == [1, ChangedMeanwhileError]
    assert play.told[1][0] == 0.22


def test_after_the_first_write_has_taken_effect_there_is_no_conflict_but_the_condition() -> None:
    play = Play()
    play.at(0.0, play.change(1, ONE))
    play.at(0.3, lambda: play.store(OTHER).change_control(Control(version=1), Control(version=1, term=2)).term)
    assert play.run() == [1, 2]


def test_a_write_is_read_only_when_it_has_taken_effect() -> None:
    play = Play()
    play.at(0.0, play.change(1, ONE))
    for moment in (0.1, 0.15, 0.25):
        play.at(moment, lambda: play.store(OTHER).control().term)
    assert play.run() == [0, 0, 1, 1]


def test_a_write_whose_writer_died_takes_effect() -> None:
    play = Play()
    writer = play.at(0.0, play.change(1))
    play.kernel.now_or_later(0.1, writer.kill)
    assert play.run() == []
    assert play.table.peek(Control, "control") == Control(version=1, term=1)


def test_a_write_that_a_frozen_writer_began_does_not_overwrite_what_came_after() -> None:
    play = Play()
    writer = play.at(0.0, play.change(1))
    play.kernel.now_or_later(0.1, writer.freeze)
    play.at(0.5, lambda: play.store().change_control(Control(version=1), Control(version=1, term=2)).term)
    play.kernel.now_or_later(5.0, writer.thaw)
    assert play.run() == [2, 1]
    assert play.table.peek(Control, "control") == Control(version=2, term=2)


def test_a_replica_without_a_majority_answers_nothing_and_the_other_does() -> None:
    play = Play()
    play.cut = {(ONE, OTHER), (WITNESS, ONE)}
    play.at(0.0, play.change(1, ONE))
    play.run()
    assert play.told == [(STEADY.read_seconds + 0.23, 1)]


def test_one_direction_that_is_cut_is_no_path() -> None:
    play = Play()
    play.cut = {(OTHER, ONE), (WITNESS, ONE)}
    assert not play.table.serves(ONE)
    assert play.table.serves(OTHER)


def test_the_witness_makes_a_majority_and_answers_nobody() -> None:
    play = Play()
    play.up = {ONE, WITNESS}
    play.at(0.0, play.change(1, ONE))
    assert play.run() == [1]
    assert WITNESS not in play.roads.asked


@pytest.mark.parametrize(("patience", "replicas"), [(STEADY, 2), (GUARDS, 2), (QUICK, 1)])
def test_a_lone_place_is_an_unreachable_store_within_the_patience(patience: Patience, replicas: int) -> None:
    play = Play()
    play.up = {ONE}
    play.at(0.0, lambda: play.store(ONE, patience).control())
    assert play.run() == [StoreUnreachableError]
    assert play.told[0][0] <= replicas * patience.read_seconds + 0.02


def test_who_tries_one_replica_a_call_comes_round_to_one_that_answers() -> None:
    play = Play()
    play.cut = {(ONE, OTHER), (ONE, WITNESS)}
    store = play.store(ONE, QUICK)
    for moment in (0.0, 5.0, 10.0):
        play.at(moment, lambda: store.control().version)
    assert play.run() == [StoreUnreachableError, 0, 0]
    assert play.roads.asked == [ONE, OTHER, OTHER]


def test_a_write_that_loses_its_majority_under_way_is_made_elsewhere_once() -> None:
    play = Play()
    play.at(0.0, play.change(1, ONE))
    play.kernel.now_or_later(0.1, lambda: play.up.discard(ONE))
    assert play.run() == [1]
    assert play.roads.asked == [ONE, OTHER]
    assert play.table.writes == 1


def test_a_lone_place_does_not_even_say_that_somebody_else_was_faster() -> None:
    play = Play()
    play.at(0.0, play.change(1))
    play.kernel.now_or_later(1.0, lambda: play.up.difference_update((OTHER, WITNESS)))
    play.at(2.0, play.change(2))
    assert play.run() == [1, StoreUnreachableError]


def test_a_line_that_was_written_twice_is_told_once() -> None:
    fates = iter(("answer lost",))
    play = Play(lambda: next(fates, ""))
    play.at(0.0, lambda: play.store().append(JournalEntry(NOON, EU, "STEP", "told once")))
    assert play.run() == [None]
    assert play.table.writes == 2
    assert [entry.text for entry in play.table.journal] == ["told once"]


def test_a_write_that_was_given_up_just_before_its_time_is_found_to_be_ours() -> None:
    times = iter((STEADY.read_seconds - 0.005,))
    play = Play(commit_seconds=lambda: next(times))
    play.at(0.0, play.change(1))
    assert play.run() == [1]
    assert play.roads.asked == [ONE, OTHER, OTHER]
    assert play.table.writes == 1


def test_a_vote_that_arrives_late_does_not_replace_a_later_one() -> None:
    fates = iter(("late",))
    play = Play(lambda: next(fates, ""))
    play.at(0.0, lambda: play.store().cast(VOTE))
    later = replace(VOTE, sequence=2)
    play.at(3.0, lambda: play.store().cast(later))
    play.run()
    assert play.table.peek_all(Vote) == (later,)


def test_the_journal_is_told_in_the_order_in_which_it_took_effect() -> None:
    times = iter((0.5, 0.1))
    play = Play(commit_seconds=lambda: next(times))
    for text in ("slow", "quick"):
        play.at(0.0, lambda text=text: play.store().append(JournalEntry(NOON, EU, "STEP", text)))  # type: ignore[misc]
    play.run()
    assert [entry.text for entry in play.table.journal] == ["quick", "slow"]
    assert play.table.journal_times == [0.11, 0.51]


def counting(seed: int) -> tuple[list[int], int, list[tuple[float, Any]]]:
    """Five add to one number, again and again, while requests, answers and places are lost as the seed says."""
    chance = Random(seed)
    play = Play(
        lambda: chance.choice(("", "", "", "", "late", "not sent", "answer lost")), lambda: chance.uniform(0.0, 2.0)
    )
    added: list[int] = []

    def add(store: ReplicatedStore) -> None:
        seen = store.control()
        after = store.change_control(seen, replace(seen, term=seen.term + 1))
        added.append(after.version)

    def without(place: str) -> None:
        play.up.discard(place)

    for _ in range(5):
        store = play.store(chance.choice((ONE, OTHER)))
        for _ in range(8):
            play.at(chance.uniform(0.0, 60.0), lambda store=store: add(store))  # type: ignore[misc]
    for _ in range(4):
        place, moment = chance.choice(QUORUM), chance.uniform(0.0, 60.0)
        play.kernel.now_or_later(moment, lambda place=place: without(place))  # type: ignore[misc]
        play.kernel.now_or_later(moment + 3.0, lambda place=place: play.up.add(place))  # type: ignore[misc]
    play.run()
    found = play.table.peek(Control, "control") or Control(version=0)
    assert found.term == found.version == play.table.writes
    return added, found.version, play.told


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_nobody_who_was_told_that_he_wrote_was_overwritten(seed: int) -> None:
    added, written, _ = counting(seed)
    assert len(set(added)) == len(added)
    assert all(version <= written for version in added)


def test_the_same_seed_is_the_same_play() -> None:
    assert counting(7) == counting(7)
    assert counting(7) != counting(8)
