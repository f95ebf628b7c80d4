"""Step Functions: the real state machines, each execution an actor that outlives the functions it calls."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

from rehearsal.facts import ExecutionState
from simulator.asl import Interpreter, MachineFailed, NotRedrivableError
from simulator.asl.history import Event, Kind
from simulator.asl.language import Understood, understood
from simulator.asl.progress import Progress
from simulator.kernel import Actor, Kernel
from simulator.latencies import Latencies
from simulator.world.functions import CODE, FunctionFailed, Functions
from simulator.world.network import NoAnswer

MACHINES: Final = CODE.parent / "state_machines"


class NotTaken(Exception):  # noqa: N818 - an answer of Step Functions
    """Step Functions refuses; ``code`` is its error."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True, eq=False)
class Execution:
    """One execution, as its region's Step Functions keeps it."""

    name: str
    machine: str
    region: str
    document: Any
    began: float
    progress: Progress = field(default_factory=Progress)
    state: ExecutionState = ExecutionState.RUNNING
    error: str | None = None
    cause: str = ""
    output: Any = None
    actor: Actor | None = None
    events: list[Event] = field(default_factory=list)
    ended: float | None = None

    @property
    def dry_run(self) -> bool:
        """Whether it was to return a plan only."""
        return isinstance(self.document, Mapping) and self.document.get("dry_run") is True


@dataclass(slots=True)
class Executions:
    """The Step Functions of every region.

    ``entered``, ``exited`` and ``left`` hear of each state, in the execution's own turn. ``ended`` hears of each
    execution when it begins and when it ends.
    """

    kernel: Kernel
    functions: Functions
    latencies: Latencies
    chance: Random
    machines: Path = MACHINES
    all: list[Execution] = field(default_factory=list)
    entered: Callable[[Execution, str], None] = lambda _execution, _state: None
    left: Callable[[str, str], None] = lambda _region, _state: None
    exited: Callable[[Execution, str], None] = lambda _execution, _state: None
    ended: Callable[[Execution], None] = lambda _execution: None
    still: set[str] = field(default_factory=set)

    def start(self, region: str, machine: str, name: str, document: Any) -> Execution:
        """Begin an execution; the same name and input again is the same execution while it runs.

        Raises:
            NotTaken: another one had this name.
        """
        for each in self.all:
            if (each.region, each.machine, each.name) == (region, machine, name):
                if each.state is ExecutionState.RUNNING and each.document == document:
                    return each
                raise NotTaken("ExecutionAlreadyExists")
        execution = Execution(name, str(machine), region, json.loads(json.dumps(document)), self.kernel.now)
        self.all.append(execution)
        self.ended(execution)
        begins_after = self.latencies.of("states.start").draw(self.chance)
        self._play(execution, lambda run: run.execute(execution.document, name, execution.progress), begins_after)
        return execution

    def redrive(self, execution: Execution) -> None:
        """Go on with one that failed, from the state that failed."""
        if execution.state is not ExecutionState.FAILED:
            raise NotTaken("ExecutionNotRedrivable")
        try:
            execution.progress.require_redrivable()
        except NotRedrivableError as exc:
            raise NotTaken(f"ExecutionNotRedrivable: {exc}") from exc
        execution.state, execution.error, execution.ended = ExecutionState.RUNNING, None, None
        self._play(execution, lambda run: run.redrive(execution.progress, execution.name))

    def stop(self, execution: Execution) -> None:
        """End it as an operator does; what its functions do goes on."""
        if execution.actor is not None and execution.state is ExecutionState.RUNNING:
            execution.actor.kill()
            self._end(execution, ExecutionState.FAILED, "Operator", "stopped")

    def lose_power(self, region: str) -> None:
        """Let every execution of a region stand still."""
        self.still.add(region)
        for each in self._running(region):
            each.freeze()

    def have_power(self, region: str) -> None:
        """Let them go on where they stood."""
        self.still.discard(region)
        for each in self._running(region):
            each.thaw()

    def _running(self, region: str) -> list[Actor]:
        return [
            each.actor
            for each in self.all
            if each.region == region and each.state is ExecutionState.RUNNING and each.actor is not None
        ]

    def _play(self, execution: Execution, go: Callable[[Interpreter], Any], after: float = 0.0) -> None:
        def observe(event: Event) -> None:
            execution.events.append(event)
            if event.kind is Kind.ENTERED:
                self.entered(execution, event.state)
                self.kernel.sleep(self.latencies.of("states.transition").draw(self.chance))
            elif event.kind is Kind.LEFT:
                self.exited(execution, event.state)
                self.left(execution.region, event.state)

        interpreter = Interpreter(
            understood_machine(self.machines, execution.machine),
            lambda function, payload, limit: self._call(execution.region, function, payload, limit),
            self.kernel.sleep,
            Substitutions(),
            observe=observe,
            together=self.kernel.together,
            chance=self.chance.random,
            now=lambda: self.kernel.now,
        )

        def play() -> None:
            try:
                execution.output = go(interpreter)
            except MachineFailed as failure:
                self._end(execution, ExecutionState.FAILED, failure.error, failure.cause)
            else:
                self._end(execution, ExecutionState.SUCCEEDED)

        execution.actor = self.kernel.actor(play, execution.name, after=after)
        if execution.region in self.still:
            execution.actor.freeze()

    def _call(self, region: str, function: str, payload: Any, limit: float) -> Any:
        try:
            return self.functions.invoke(region, region, function, payload, limit)
        except FunctionFailed as failure:
            raise MachineFailed(failure.name, failure.message) from failure
        except NoAnswer as failure:
            raise MachineFailed("States.Timeout", str(failure)) from failure

    def _end(self, execution: Execution, state: ExecutionState, error: str | None = None, cause: str = "") -> None:
        execution.state, execution.error, execution.cause = state, error, cause
        execution.ended = self.kernel.now
        self.ended(execution)


class Substitutions(dict[str, str]):
    """``PromoteDatabaseArn`` → ``promote_database``, as the stacks name them."""

    def __missing__(self, key: str) -> str:
        name = key.removesuffix("Arn")
        self[key] = "".join(f"_{each.lower()}" if each.isupper() else each for each in name).lstrip("_")
        return self[key]


@cache
def understood_machine(folder: Path, machine: str) -> Understood:
    """Read a machine's file once."""
    return understood(json.loads((folder / f"{machine}.asl.json").read_text("utf-8")))
