"""Virtual time: who acts when, in which order, and what becomes of whoever is killed or frozen."""

from collections.abc import Callable

import pytest

from simulator import kernel as kernels
from simulator.kernel import Actor, Kernel

FOREVER = 1e9


class Script:
    """Actors that note what they do, and when."""

    def __init__(self) -> None:
        self.kernel = Kernel()
        self.lines: list[tuple[float, str]] = []

    def note(self, what: str) -> None:
        self.lines.append((self.kernel.now, what))

    def actor(self, play: Callable[[], object], name: str = "somebody", after: float = 0.0) -> Actor:
        return self.kernel.actor(play, name, after=after)

    def sleeper(self, name: str, *seconds: float) -> Callable[[], str]:
        def play() -> str:
            try:
                for each in seconds:
                    self.kernel.sleep(each)
                    self.note(name)
            finally:
                self.note(f"{name} ends")
            return name

        return play

    def run(self, until: float = FOREVER) -> list[tuple[float, str]]:
        self.kernel.run(until)
        return self.lines

    @property
    def said(self) -> list[str]:
        return [what for _, what in self.lines]


@pytest.fixture
def script() -> Script:
    return Script()


def test_time_passes_for_each_actor_by_itself(script: Script) -> None:
    script.actor(script.sleeper("slow", 3.0))
    script.actor(script.sleeper("quick", 1.0, 1.0))
    assert script.run() == [(1.0, "quick"), (2.0, "quick"), (2.0, "quick ends"), (3.0, "slow"), (3.0, "slow ends")]


def test_what_is_due_at_the_same_moment_comes_in_the_order_in_which_it_was_asked_for(script: Script) -> None:
    for name in ("c", "a", "b"):
        script.kernel.now_or_later(5.0, lambda name=name: script.note(name))  # type: ignore[misc]
    script.kernel.now_or_later(1.0, lambda: script.kernel.now_or_later(4.0, lambda: script.note("later asked")))
    assert script.run() == [(5.0, "c"), (5.0, "a"), (5.0, "b"), (5.0, "later asked")]


def test_an_event_comes_before_what_is_due_by_time_alone(script: Script) -> None:
    event = script.kernel.env.event()

    def waits() -> None:
        script.kernel.wait(event)
        script.note("the event")

    script.actor(waits)
    script.kernel.now_or_later(1.0, event.succeed)
    script.kernel.now_or_later(1.0, lambda: script.note("the time"))
    assert script.run() == [(1.0, "the event"), (1.0, "the time")]


def test_a_wait_into_the_past_takes_no_time(script: Script) -> None:
    script.actor(script.sleeper("early", -3.0))
    assert script.run() == [(0.0, "early"), (0.0, "early ends")]


def test_it_runs_up_to_a_moment_and_that_moment_belongs_to_it(script: Script) -> None:
    script.actor(script.sleeper("a", 2.0, 1.0))
    assert script.run(2.0) == [(2.0, "a")]
    script.run(2.5)
    assert script.kernel.now == 2.5
    assert script.run(3.0)[-1] == (3.0, "a ends")


def test_somebody_looks_after_every_event(script: Script) -> None:
    looked: list[float] = []
    script.actor(script.sleeper("a", 1.0, 1.0))
    script.kernel.run(10.0, lambda: looked.append(script.kernel.now))
    assert looked[:3] == [0.0, 1.0, 2.0]
    assert script.kernel.events == len(looked)


def test_what_is_owed_has_passed_for_the_debtor_and_is_waited_for_with_the_next_wait(script: Script) -> None:
    def play() -> None:
        script.kernel.owe(2.0)
        script.note("owes")
        script.kernel.sleep(1.0)
        script.note("slept")

    script.actor(play)
    script.kernel.now_or_later(2.5, lambda: script.note("the world"))
    assert script.run() == [(2.0, "owes"), (2.5, "the world"), (3.0, "slept")]


def test_a_debt_is_paid_once(script: Script) -> None:
    def play() -> None:
        script.kernel.owe(2.0)
        script.kernel.pay()
        script.note("paid")
        script.kernel.pay()
        script.kernel.sleep(1.0)
        script.note("slept")

    script.actor(play)
    assert script.run() == [(2.0, "paid"), (3.0, "slept")]


def test_who_owes_has_ended_only_when_it_has_paid(script: Script) -> None:
    def play() -> str:
        script.kernel.owe(2.0)
        return "an answer"

    def waits() -> None:
        script.kernel.wait(actor.done)
        script.note(actor.value)

    actor = script.actor(play)
    script.actor(waits)
    assert script.run() == [(2.0, "an answer")]


def test_an_event_that_has_come_is_not_waited_for(script: Script) -> None:
    event = script.kernel.env.event()
    event.succeed("its value")

    def play() -> None:
        script.kernel.sleep(1.0)
        script.note(str(script.kernel.wait(event)))

    script.actor(play)
    assert script.run() == [(1.0, "its value")]


@pytest.mark.parametrize(("comes", "seconds", "expected"), [(1.0, 2.0, (1.0, "True")), (3.0, 2.0, (2.0, "False"))])
def test_an_event_is_waited_for_so_long_and_no_longer(
    script: Script, comes: float, seconds: float, expected: tuple[float, str]
) -> None:
    event = script.kernel.env.event()
    script.kernel.now_or_later(comes, event.succeed)
    script.actor(lambda: script.note(str(script.kernel.wait_for(event, seconds))))
    assert script.run() == [expected]


class TestKilling:
    """An actor that is killed ends where it is, at once."""

    def test_its_last_blocks_run_at_once_and_nothing_else_of_it(self, script: Script) -> None:
        actor = script.actor(script.sleeper("a", 1.0, 5.0))
        script.kernel.now_or_later(2.0, actor.kill)
        assert script.run() == [(1.0, "a"), (2.0, "a ends")]
        assert not actor.lives

    def test_a_last_block_that_wants_to_wait_ends_there(self, script: Script) -> None:
        def play() -> None:
            try:
                script.kernel.sleep(5.0)
            finally:
                script.note("last words")
                script.kernel.sleep(1.0)
                script.note("never said")

        actor = script.actor(play)
        script.kernel.now_or_later(2.0, actor.kill)
        script.kernel.now_or_later(2.0, lambda: script.note("the killer goes on"))
        assert script.run() == [(2.0, "last words"), (2.0, "the killer goes on")]

    def test_whoever_waits_for_its_end_goes_on(self, script: Script) -> None:
        actor = script.actor(script.sleeper("a", 9.0))

        def waits() -> None:
            script.kernel.wait(actor.done)
            script.note("it has ended")

        script.actor(waits)
        script.kernel.now_or_later(2.0, actor.kill)
        assert script.run() == [(2.0, "a ends"), (2.0, "it has ended")]

    def test_who_was_killed_before_it_began_never_begins(self, script: Script) -> None:
        actor = script.actor(script.sleeper("a", 1.0), after=3.0)
        script.kernel.now_or_later(1.0, actor.kill)
        assert script.run() == []

    def test_who_has_ended_cannot_be_killed(self, script: Script) -> None:
        actor = script.actor(script.sleeper("a", 1.0))
        script.run()
        actor.kill()
        actor.kill()
        assert script.said == ["a", "a ends"]

    def test_the_killer_still_has_its_turn(self, script: Script) -> None:
        victim = script.actor(script.sleeper("victim", 9.0))

        def kills() -> None:
            script.kernel.sleep(1.0)
            victim.kill()
            script.kernel.sleep(1.0)
            script.note("killer")

        script.actor(kills)
        assert script.run() == [(1.0, "victim ends"), (2.0, "killer")]

    def test_an_event_that_comes_after_its_death_wakes_nobody(self, script: Script) -> None:
        event = script.kernel.env.event()

        def play() -> None:
            script.kernel.wait(event)
            script.note("woken")

        actor = script.actor(play)
        script.kernel.now_or_later(1.0, actor.kill)
        script.kernel.now_or_later(2.0, event.succeed)
        assert script.run() == []

    def test_at_the_end_nobody_is_left(self, script: Script) -> None:
        for name in ("a", "b"):
            script.actor(script.sleeper(name, 9.0))
        script.run(1.0)
        script.kernel.end()
        assert script.said == ["a ends", "b ends"]
        assert not script.kernel.living


class TestFreezing:
    """An actor that is frozen does nothing, and misses nothing either."""

    def test_what_came_meanwhile_is_there_when_it_goes_on(self, script: Script) -> None:
        actor = script.actor(script.sleeper("a", 2.0, 2.0))
        script.kernel.now_or_later(1.0, actor.freeze)
        script.kernel.now_or_later(5.0, actor.thaw)
        assert script.run() == [(5.0, "a"), (7.0, "a"), (7.0, "a ends")]

    def test_what_has_not_come_yet_is_waited_for(self, script: Script) -> None:
        actor = script.actor(script.sleeper("a", 6.0))
        script.kernel.now_or_later(1.0, actor.freeze)
        script.kernel.now_or_later(5.0, actor.thaw)
        assert script.run() == [(6.0, "a"), (6.0, "a ends")]

    def test_it_can_be_frozen_before_it_has_begun(self, script: Script) -> None:
        actor = script.actor(script.sleeper("a", 1.0))
        actor.freeze()
        script.kernel.now_or_later(5.0, actor.thaw)
        assert script.run()[0] == (6.0, "a")

    def test_who_is_frozen_again_before_it_could_go_on_stands_still(self, script: Script) -> None:
        actor = script.actor(script.sleeper("a", 2.0))

        def twice() -> None:
            actor.thaw()
            actor.freeze()

        script.kernel.now_or_later(1.0, actor.freeze)
        script.kernel.now_or_later(5.0, twice)
        script.kernel.now_or_later(8.0, actor.thaw)
        assert script.run() == [(8.0, "a"), (8.0, "a ends")]

    def test_it_can_be_killed(self, script: Script) -> None:
        actor = script.actor(script.sleeper("a", 2.0))
        script.kernel.now_or_later(1.0, actor.freeze)
        script.kernel.now_or_later(3.0, actor.kill)
        script.kernel.now_or_later(4.0, actor.thaw)
        assert script.run() == [(3.0, "a ends")]

    def test_what_it_does_at_once_stands_still_with_it(self, script: Script) -> None:
        def play() -> None:
            script.kernel.together([script.sleeper("a", 2.0), script.sleeper("b", 3.0)], "parts")
            script.note("all")

        actor = script.actor(play)
        script.kernel.now_or_later(1.0, actor.freeze)
        script.kernel.now_or_later(9.0, actor.thaw)
        script.run(8.0)
        assert script.lines == []
        assert [(at, what) for at, what in script.run() if "ends" not in what] == [(9.0, "a"), (9.0, "b"), (9.0, "all")]


class TestTogether:
    """Several things at once."""

    def test_they_take_as_long_as_the_longest_and_answer_in_their_order(self, script: Script) -> None:
        def play() -> None:
            told = script.kernel.together([script.sleeper("a", 3.0), script.sleeper("b", 1.0)], "parts")
            script.note(" ".join(told))

        script.actor(play)
        assert script.run()[-1] == (3.0, "a b")

    def test_of_nothing_there_is_nothing_at_once(self, script: Script) -> None:
        script.actor(lambda: script.note(str(script.kernel.together([], "parts"))))
        assert script.run() == [(0.0, "[]")]

    def test_they_have_what_belongs_to_whoever_began_them(self, script: Script) -> None:
        def whose() -> object:
            running = script.kernel.running
            return running.context if running is not None else None

        def play() -> None:
            script.note(str(script.kernel.together([whose, whose], "parts")))

        script.kernel.actor(play, "somebody", context="mine")
        assert script.run() == [(0.0, "['mine', 'mine']")]

    def test_the_first_that_fails_ends_the_others(self, script: Script) -> None:
        def fails() -> str:
            script.kernel.sleep(2.0)
            raise ValueError("no")

        def play() -> None:
            try:
                script.kernel.together([script.sleeper("a", 1.0, 9.0), fails], "parts")
            except ValueError as exc:
                script.note(f"failed: {exc}")

        script.actor(play)
        assert script.run() == [(1.0, "a"), (2.0, "a ends"), (2.0, "failed: no")]

    def test_they_end_with_whoever_waits_for_them(self, script: Script) -> None:
        actor = script.actor(
            lambda: script.kernel.together([script.sleeper("a", 9.0), script.sleeper("b", 9.0)], "parts")
        )
        script.kernel.now_or_later(2.0, actor.kill)
        assert script.run() == [(2.0, "a ends"), (2.0, "b ends")]
        assert not script.kernel.living

    def test_they_may_do_several_things_at_once_themselves(self, script: Script) -> None:
        def inner() -> list[str]:
            return script.kernel.together([script.sleeper("a", 1.0), script.sleeper("b", 2.0)], "inner")

        def play() -> None:
            script.note(str(script.kernel.together([inner, inner], "outer")))

        actor = script.actor(play)
        script.kernel.now_or_later(1.5, actor.freeze)
        script.kernel.now_or_later(4.0, actor.thaw)
        assert script.run()[-1] == (4.0, "[['a', 'b'], ['a', 'b']]")


def test_only_actors_can_wait(script: Script) -> None:
    with pytest.raises(AssertionError, match="only an actor"):
        script.kernel.sleep(1.0)


def test_what_an_actor_raises_comes_out_of_the_run(script: Script) -> None:
    def fails() -> None:
        script.kernel.sleep(1.0)
        raise ValueError("a mistake")

    script.actor(fails)
    with pytest.raises(ValueError, match="a mistake"):
        script.run()
    assert script.kernel.running is None


def test_whoever_goes_round_and_round_in_no_time_is_found_out(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "MOST_EVENTS", 500)

    def restless() -> None:
        while True:
            script.kernel.sleep(0.0)

    script.actor(restless)
    with pytest.raises(RuntimeError, match=r"501 events by 0\.0 s"):
        script.run()
    script.kernel.end()
