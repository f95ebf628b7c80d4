"""Virtual time: who acts when. Everything that happens in a schedule happens in an actor's turn.

The queue of events is simpy's. What acts is ordinary blocking code (steps, guards, observers), so that each actor
runs on a greenlet of its own, and leaves the turn to others wherever it waits. Nothing else ever interrupts it: the
same events in the same order give the same play.
"""

from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from typing import Any, Final, TypeVar

import simpy
from greenlet import GreenletExit, getcurrent

from simulator.actor import Actor

T = TypeVar("T")

BARE: Final = 2
"""Where simpy has the priority of an event: what stands behind it is a function. At one moment events come first."""

MOST_EVENTS: Final = 2_000_000
"""More of them in one schedule are an actor that goes round and round in no time."""


class Kernel:
    """The time of one schedule, in seconds from its beginning.

    What waits for time alone stands in simpy's queue as the bare function that goes on then: of a schedule's ten
    thousand events nine are such, and an event object with its list of callbacks would cost more than what it does.
    """

    def __init__(self) -> None:
        self.env = simpy.Environment()
        self.hub = getcurrent()
        self.running: Actor | None = None
        self.living: dict[Actor, None] = {}
        self.events = 0
        self._queue: list[tuple[float, int, int, Any]] = self.env._queue
        self._numbers = self.env._eid

    @property
    def now(self) -> float:
        """The time; for who acts, with what it owes."""
        now: float = self.env._now
        return now if self.running is None else now + self.running.owes

    def actor(self, play: Callable[[], Any], name: str, *, after: float = 0.0, context: Any = None) -> Actor:
        """Have somebody begin after so many seconds; ``context`` is what belongs to it, for whoever asks who acts."""
        actor = Actor(self, play, name, context)
        self.living[actor] = None
        self.now_or_later(after, actor.goes_on)
        return actor

    def now_or_later(self, seconds: float, act: Callable[[], None]) -> None:
        """Have something done in a turn of its own that waits for nothing."""
        at = self.env._now + (seconds if seconds > 0.0 else 0.0)
        heappush(self._queue, (at, BARE, next(self._numbers), act))

    def sleep(self, seconds: float) -> None:
        """Let time pass for whoever acts: half of all events are ends of such sleeps."""
        actor = self.running
        assert actor is not None, "only an actor can wait"
        if not actor.lives:
            raise GreenletExit  # killed, and its last blocks run: nobody answers it any more
        seconds += actor.owes
        actor.owes = 0.0
        at = self.env._now + (seconds if seconds > 0.0 else 0.0)
        heappush(self._queue, (at, BARE, next(self._numbers), actor.goes_on))
        self.hub.switch()

    def owe(self, seconds: float) -> None:
        """Let time pass for whoever acts, who need not wait for it before it waits for something else."""
        assert self.running is not None, "only an actor can wait"
        self.running.owes += seconds

    def pay(self) -> None:
        """Have whoever acts wait for what it owes."""
        if self.running is not None:
            self.running.pay()

    def wait(self, event: simpy.Event) -> Any:
        """Let whoever acts wait for an event; returns its value."""
        assert self.running is not None, "only an actor can wait"
        return self.running.wait(event)

    def wait_for(self, event: simpy.Event, seconds: float) -> bool:
        """Let whoever acts wait for an event, for so long at most; returns whether it came."""
        self.pay()
        self.wait(simpy.AnyOf(self.env, (event, self.env.timeout(max(0.0, seconds)))))
        return bool(event.processed)

    def together(self, plays: Sequence[Callable[[], T]], name: str) -> list[T]:
        """Have several things done at once, and return what they returned, in their order, when all have ended.

        When one raises, the others are killed, and it is raised here.
        """
        assert self.running is not None, "only an actor can wait"
        self.pay()
        context = self.running.context
        failures: list[Exception] = []

        def told(play: Callable[[], T]) -> Callable[[], T | None]:
            def run() -> T | None:
                try:
                    return play()
                except Exception as exc:  # noqa: BLE001 - raised again by whoever waits
                    failures.append(exc)
                    return None

            return run

        actors = [self.actor(told(play), f"{name}[{index}]", context=context) for index, play in enumerate(plays)]
        parent = self.running
        others, parent.children = parent.children, actors
        try:
            for actor in actors:
                while actor.lives and not failures:
                    self.wait(simpy.AnyOf(self.env, [each.done for each in actors if each.lives]))
        finally:
            parent.children = others
            for actor in actors:
                actor.kill()
        if failures:
            raise failures[0]
        return [actor.value for actor in actors]

    def end(self) -> None:
        """Have nobody act any more. Greenlets that wait are never collected, nor anything that they could reach."""
        for actor in list(self.living):
            actor.kill()

    def run(self, until: float, after_each: Callable[[], None] = lambda: None) -> None:
        """Let everything happen that is due up to a time; ``after_each`` looks after each event.

        Raises:
            RuntimeError: an actor goes round and round in no time.
        """
        env, queue = self.env, self._queue
        while queue and queue[0][0] <= until:
            env._now, priority, _, event = heappop(queue)
            if priority == BARE:
                event()
            else:
                callbacks, event.callbacks = event.callbacks, None
                for callback in callbacks:
                    callback(event)
            self.events += 1
            after_each()
            if self.events > MOST_EVENTS:
                raise RuntimeError(
                    f"{self.events} events by {self.now:.1f} s: somebody waits again and again, for nothing"
                )
        if self.now < until:
            self.env._now = until


__all__ = ["Actor", "Kernel"]
