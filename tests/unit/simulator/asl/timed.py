"""Machines in virtual time, whose functions take as long as a test says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulator.asl import Event, Interpreter, MachineFailed, MachineTimedOut, Progress
from simulator.kernel import Actor, Kernel
from tests.unit.simulator.asl.machines import EXECUTION, Machine

Play = Callable[[Any, Callable[[float], None]], Any]
"""(payload, sleep) → result: what a function does."""


class Functions(dict[str, str]):
    """``StepArn`` → ``Step``."""

    def __missing__(self, key: str) -> str:
        return key.removesuffix("Arn")


@dataclass
class Timed:
    """A machine, and what happened while it was executed."""

    definition: Machine
    functions: dict[str, Play]
    chance: Callable[[], float] = lambda: 1.0
    kernel: Kernel = field(default_factory=Kernel)
    progress: Progress = field(default_factory=Progress)
    events: list[Event] = field(default_factory=list)
    called: list[tuple[float, str, Any, float]] = field(default_factory=list)
    ended: float | None = None
    output: Any = None
    failure: MachineFailed | None = None

    def __post_init__(self) -> None:
        self.interpreter = Interpreter(
            self.definition,
            self._invoke,
            self.kernel.sleep,
            Functions(),
            observe=self.events.append,
            together=self.kernel.together,
            chance=self.chance,
            now=lambda: self.kernel.now,
        )

    def run(self, document: Any = None, *, until: float = 100_000.0) -> "Timed":
        """Execute it, and let time pass."""
        self.start(lambda: self.interpreter.execute({} if document is None else document, EXECUTION, self.progress))
        self.kernel.run(until)
        return self

    def redrive(self) -> "Timed":
        """Go on where it ended."""
        self.start(lambda: self.interpreter.redrive(self.progress, EXECUTION))
        self.kernel.run(self.kernel.now + 100_000.0)
        return self

    def start(self, work: Callable[[], Any]) -> Actor:
        """Have somebody execute it."""
        self.ended = self.output = self.failure = None

        def play() -> None:
            try:
                self.output = work()
            except MachineFailed as failure:
                self.failure = failure
            self.ended = self.kernel.now

        return self.kernel.actor(play, "execution")

    @property
    def error(self) -> str | None:
        """What it failed with; TIMED_OUT when the machine's own limit passed."""
        if self.failure is None:
            return None
        return "TIMED_OUT" if isinstance(self.failure, MachineTimedOut) else self.failure.error

    def _invoke(self, function: str, payload: Any, limit: float) -> Any:
        """A function of which nobody waits longer than the limit."""
        self.called.append((self.kernel.now, function, payload, limit))
        actor = self.kernel.actor(lambda: self._answer(function, payload), function)
        if not self.kernel.wait_for(actor.done, limit):
            raise MachineFailed("States.Timeout", "")
        if isinstance(actor.value, Exception):
            raise actor.value
        return actor.value

    def _answer(self, function: str, payload: Any) -> Any:
        try:
            return self.functions[function](payload, self.kernel.sleep)
        except Exception as exc:  # noqa: BLE001 - raised again by whoever waits
            return exc
