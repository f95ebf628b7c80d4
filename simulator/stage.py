"""The simulator as a stage: a scenario played in virtual time, with the same report as on the twin."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from failover.invariants import PATIENCE_SECONDS
from failover.topology import Topology
from rehearsal.facts import Facts
from rehearsal.form import Event, Fault, Load, Operation, Scenario, with_timings
from rehearsal.form.operations import EITHER
from rehearsal.history import History
from rehearsal.stage import StageError
from simulator.checking import Checker
from simulator.hearing import Hearing
from simulator.latencies import Latencies
from simulator.looking import Lookout
from simulator.operations import Operations
from simulator.recounting import recount
from simulator.schedule import longest_standstill
from simulator.settling import SERVED_SECONDS, Settling
from simulator.watching import Watching
from simulator.world.clocks import BEGINNING
from simulator.world.witnessing import judged, look_on
from simulator.world.world import World

ANSWERED_SECONDS: Final = 60.0
"""How long an operator waits for the answer to a command, in virtual seconds."""


class _Reached(Exception):  # noqa: N818 - not an error: what was waited for has come
    """The kernel has come to what was waited for."""


class SimulatedStage:
    """``rehearsal.stage.Stage`` in virtual time; one topology, scenario and seed give the same play for ever.

    What happens is what ``simulator.schedule.Schedule`` makes of the same scenario and seed: looking changes nothing.
    Invariants are judged after every event, and what is broken is told at the end; the play goes on.

    Args:
        topology: what is deployed, with its own times; the scenario's are put in their place.
        scenario: what will be played; its load says how long clients write before, if that is long enough.
        seed: of all latencies and chance.
        latencies: how long what takes.
        writes_per_second: of each client group; by default as the scenario's load says.
        notices: the routes that have one.
    """

    def __init__(
        self,
        topology: Topology,
        scenario: Scenario,
        seed: int,
        latencies: Latencies,
        *,
        writes_per_second: float | None = None,
        notices: Collection[str] = (),
    ) -> None:
        load = scenario.load if writes_per_second is None else Load(writes_per_second=writes_per_second)
        self._seed, self._warm_up = seed, scenario.load.warm_up
        self._world = World(
            with_timings(topology, scenario.timings),
            str(seed),
            latencies,
            load=load,
            notices=notices,
        )
        self._checker = Checker(
            self._world.topology,
            lambda database, region: self._world.copies[database, region].history,
            began=BEGINNING.timestamp(),
            patience_seconds=PATIENCE_SECONDS + longest_standstill(scenario),
        )
        self._hearing = Hearing((), self._came)
        self._moments: dict[Event, float] = {}
        self._news = False
        self._operations = Operations(self._world)
        self._zero, self._waited_until = 0.0, 0.0
        self._lookout = Lookout(self._world, self._zero)
        watching = Watching(self._world, self, self._checker, Counter())
        self._settling = Settling(self._world, watching.served)
        look_on(self._world, watching)

    def begin(self) -> None:
        """Deploy, and let the clients write for the warm-up; second 0 is when it is over."""
        self._world.begin()
        self._zero = max(self._world.warm_up(), self._warm_up)
        self._world.outside.clients.zero = self._zero
        self._world.kernel.run(self._zero)
        self._lookout = Lookout(self._world, self._zero)

    def close(self) -> None:
        """Have nobody act any more; safe to repeat."""
        self._world.kernel.end()

    @property
    def topology(self) -> Topology:
        """What is deployed."""
        return self._world.topology

    @property
    def started_at(self) -> datetime:
        """Second 0 on the wall clock of the world."""
        return BEGINNING + timedelta(seconds=self._zero)

    @property
    def recorded_only_types(self) -> Sequence[str]:
        """Nothing: no template is deployed here."""
        return ()

    @property
    def seeds(self) -> Mapping[str, int]:
        """The one seed."""
        return {"schedule": self._seed}

    def prepare(self, scenario: Scenario) -> None:
        """Refuse what cannot be played, and listen for the scenario's events from now on."""
        kinds = self._world.faults.kinds
        for fault in (step.fault for step in scenario.steps if step.fault is not None):
            if type(fault) not in kinds:
                raise StageError(f"the simulator cannot play {fault.line()}")
        self._hearing = Hearing(scenario.events, self._came)

    def moment_of(self, event: Event) -> float | None:
        """Tell when an event came."""
        return self._moments.get(event)

    def now(self) -> float:
        """Virtual seconds since second 0."""
        return max(self._world.kernel.now - self._zero, self._waited_until)

    def wait_until(self, at: float) -> None:
        """Let everything happen until then, or until an event has come."""
        self._run(self._zero + at, lambda: self._news)
        if self._news:
            self._news = False
        else:
            self._waited_until = max(self._waited_until, at)  # the sum with second 0 may be a hair less

    def apply(self, fault: Fault) -> None:
        """Break something."""
        self._world.faults.apply(fault)

    def heal(self, fault: Fault) -> None:
        """Mend it."""
        self._world.faults.heal(fault)

    def operate(self, operation: Operation) -> None:
        """Do what an operator does, and wait for the answer, unless the scenario takes either one.

        Raises:
            StageError: it was refused, or not answered within a minute.
        """
        answers: list[StageError | None] = []
        self._operations.begin(operation, answers.append)
        if operation.refused == EITHER:
            return
        self._run(self._world.kernel.now + ANSWERED_SECONDS, lambda: bool(answers))
        answer = answers[0] if answers else StageError(f"{operation.line()} had no answer in {ANSWERED_SECONDS:g} s")
        if answer is not None:
            raise answer

    def facts(self) -> Facts:
        """Look at everything."""
        return self._lookout.facts(self.now())

    def history(self) -> History:
        """Stop the clients, let end what is under way, judge, and tell all."""
        world, running = self._world, self._settling.may_run_on
        world.outside.clients.stop()
        world.kernel.run(world.kernel.now + SERVED_SECONDS)
        executions = [judged(each) for each in world.executions.all]
        self._checker.ended(world.kernel.now, executions, running=running or self._settling.may_run_on)
        self._lookout.read_journal()
        return recount(
            world,
            self._zero,
            journal=self._lookout.journal,
            calls=self._lookout.calls(),
            verdicts=self._checker.verdicts(),
        )

    def heard(self, kind: str, name: str, region: str) -> None:
        """As ``hearing.Listener``."""
        self._hearing.heard(kind, name, region)

    def _came(self, event: Event) -> None:
        """An event has come; its steps are due in a turn of their own, after whoever acts now has left it."""

        def tell() -> None:
            self._moments[event] = self.now()
            self._news = True

        self._world.kernel.now_or_later(0.0, tell)

    def _run(self, until: float, reached: Callable[[], bool]) -> None:
        """Let everything happen up to a time, or until something has come about ."""

        def look() -> None:
            if reached():
                raise _Reached

        if not reached():
            with suppress(_Reached):
                self._world.kernel.run(until, look)
