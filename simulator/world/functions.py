"""Lambda: the real handlers, each run an actor of its own, with cold starts, time limits and deaths."""

import importlib
import inspect
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

from greenlet import GreenletExit

import failover
from failover.errors import LifeboatError
from rehearsal.form.fault_kinds import Invoked
from simulator.kernel import Actor, Kernel
from simulator.latencies import Latencies
from simulator.world.network import Network, NoAnswer, Refused
from simulator.world.runs import Halt, Run, Spoil, Wiring

CODE: Final = Path(failover.__file__).parents[1]
"""The folder of the steps: beside the domain that is imported, so that a changed copy of both is played whole."""

KEPT_WARM_SECONDS: Final = 300.0
"""For how long an execution environment is kept after its last run: an assumption, AWS promises nothing."""

NO_STEPS: Final = (
    "database_agent",
    "decide_failover",
    "guard_deployment",
    "guard_lease",
    "note_advisory",
    "probe_regions",
)
"""Functions that run often, or in no incident."""

STEP_SECONDS: Final = 60.0
"""The time limit of a step's function; the state machine's own for it is shorter."""

DIED: Final = "Runtime.ExitError"
TIMED_OUT: Final = "Sandbox.Timedout"
THROTTLED: Final = "Lambda.TooManyRequestsException"
UNAVAILABLE: Final = "Lambda.ServiceException"


class FunctionFailed(Exception):  # noqa: N818 - Lambda's answer, under the name that Step Functions matches
    """A run ended with an error; ``name`` is what an ASL file says in ``ErrorEquals``."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name, self.message = name, message


@dataclass(slots=True)
class Functions:
    """The Lambda service of every region.

    ``stopped`` are (function, region) that may not run, ``frozen`` the regions in which every run stands still, and
    ``spoils`` what befalls single invocations.
    """

    kernel: Kernel
    network: Network
    latencies: Latencies
    chance: Random
    wired: Callable[[str], Wiring]
    time_limits: Mapping[str, float]
    spoils: list[Spoil] = field(default_factory=list)
    frozen: set[str] = field(default_factory=set)
    stopped: set[tuple[str, str]] = field(default_factory=set)
    runs: dict[tuple[str, str], list[Actor]] = field(default_factory=dict)
    _warm: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    def keep_warm(self, region: str, functions: Iterable[str]) -> None:
        """Have an environment of each ready, as the minute's pings do while the region has power."""
        for function in functions:
            self._warm.setdefault((function, region), []).append(float("inf"))

    def invoke(self, source: str, region: str, function: str, payload: Any, limit_seconds: float) -> Any:
        """Run a function and wait for its answer, for so long at most.

        Raises:
            FunctionFailed: the handler raised, or Lambda could not run it; nobody else's error comes out.
            NoAnswer: nothing came in time; it may go on running.
        """
        kernel, until = self.kernel, self.kernel.now + limit_seconds
        try:
            actor = self.network.ask(
                source,
                region,
                lambda: self._begin(region, function, payload),
                service="lambda",
                timeout_seconds=limit_seconds,
            )
        except Refused as exc:
            raise FunctionFailed(THROTTLED if exc.code == "ThrottlingException" else UNAVAILABLE, exc.code) from exc
        if actor.lives and not kernel.wait_for(actor.done, until - kernel.now):
            raise NoAnswer(f"{function} in {region} has not answered in {limit_seconds:g} s")
        back = self.network.broken(region, source)
        if back is not None:
            kernel.sleep(until - kernel.now)
            raise NoAnswer(f"the answer of {function} in {region} was lost")
        kernel.sleep(self.network.one_way(region, source))
        answer = actor.value
        if isinstance(answer, FunctionFailed):
            raise answer
        if answer is None:
            raise FunctionFailed(DIED, f"{function} in {region} died")
        return answer[0]

    def invoke_later(self, region: str, function: str, payload: Any, *, retries: int = 0) -> None:
        """Have a function run as an event's target: nobody waits for its answer."""
        if not self.network.acts(region) or (function, region) in self.stopped:
            return
        try:
            after = self.latencies.of("lambda.async_start").draw(self.chance)
            actor = self._begin(region, function, payload, after)
        except FunctionFailed:
            return  # throttled: Lambda keeps the event for a while, and the next tick comes before it
        if retries:

            def again() -> None:
                self.kernel.wait(actor.done)
                if actor.value is None or isinstance(actor.value, FunctionFailed):
                    self.kernel.sleep(self.latencies.of("lambda.async_retry").draw(self.chance))
                    self.invoke_later(region, function, payload, retries=retries - 1)

            self.kernel.actor(again, f"{function} in {region} again")

    def lose_power(self, region: str) -> None:
        """End every run of a region."""
        for (_, where), actors in self.runs.items():
            if where == region:
                for actor in actors:
                    actor.kill()
                actors.clear()
        for place in [place for place in self._warm if place[1] == region]:
            del self._warm[place]

    def of(self, region: str, function: str | None = None) -> list[Actor]:
        """The runs of a region that live; of one function, if that is said."""
        return [
            actor
            for (name, where), actors in self.runs.items()
            if where == region and function in (None, name)
            for actor in actors
            if actor.lives
        ]

    def _begin(self, region: str, function: str, payload: Any, after: float = 0.0) -> Actor:
        if (function, region) in self.stopped:
            raise FunctionFailed(THROTTLED, f"{function} in {region} may not run")
        place, limit = (function, region), self.time_limits.get(function, STEP_SECONDS)
        how = self._spoilt(function, region, how=True)
        if how is not None and how.how is Invoked.THROTTLED:
            raise FunctionFailed(THROTTLED, f"too many of {function} run in {region}")
        halted = self._spoilt(function, region, how=False)
        run = Run(region, function, self.wired(region), halt=halted.halt if halted is not None else None)
        if how is not None and how.how is Invoked.COLD:
            self._warm.pop(place, None)
        if how is not None and how.how is Invoked.TIMED_OUT:
            run.halt = Halt(0, limit + 1.0)
        begins_after, warm = after + self._start_seconds(place), self._warm.setdefault(place, [])
        begins_after += self.latencies.of("lambda.work").draw(self.chance)

        def play() -> Any:
            try:
                answer = handler(function)(payload, None)
                run.answering()
            except GreenletExit:
                return None
            except LifeboatError as exc:  # whatever else a handler raises is a bug of it, and ends the schedule
                answer = FunctionFailed(type(exc).__name__, str(exc))
            else:
                answer = (_through_json(answer),)
            warm.append(self.kernel.now)
            return answer

        actor = self.kernel.actor(play, f"{function} in {region}", after=begins_after, context=run)
        actors = self.runs.setdefault(place, [])
        actors[:] = [each for each in actors if each.lives]
        actors.append(actor)
        self._limit(actor, begins_after + limit)
        if region in self.frozen:
            actor.freeze()
        return actor

    def _spoilt(self, function: str, region: str, *, how: bool) -> Spoil | None:
        for spoil in self.spoils:
            if (spoil.how is not None) is how and spoil.meets(function, region):
                return spoil.used()
        return None

    def _start_seconds(self, place: tuple[str, str]) -> float:
        warm, now = self._warm.get(place, []), self.kernel.now
        while warm:
            if now - warm.pop() < KEPT_WARM_SECONDS:
                return self.latencies.of("lambda.warm_start").draw(self.chance)
        return self.latencies.of("lambda.cold_start").draw(self.chance)

    def _limit(self, actor: Actor, seconds: float) -> None:
        def end() -> None:
            if actor.lives:
                actor.kill()
                actor.value = FunctionFailed(TIMED_OUT, f"{actor.name}: over {seconds:g} s")

        self.kernel.now_or_later(seconds, end)


@cache
def handler(function: str) -> Callable[[Any, Any], Any]:
    """Return a function's own handler, without the logs, metrics and traces around it."""
    if str(CODE) not in sys.path:
        sys.path.insert(0, str(CODE))
    found: Callable[[Any, Any], Any] = inspect.unwrap(importlib.import_module(f"{function}.handler").handle)
    return found


def _through_json(document: Any) -> Any:
    return json.loads(json.dumps(document))


@cache
def kept_warm() -> tuple[str, ...]:
    """Return the functions that a minute's ping keeps from starting cold: every step of an incident."""
    return tuple(sorted(path.parent.name for path in CODE.glob("*/handler.py") if path.parent.name not in NO_STEPS))
