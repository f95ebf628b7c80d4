"""One schedule, played: a topology, a seed and a scenario in; what was violated, and what was measured, out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from failover.invariants import PATIENCE_SECONDS, Complaint
from failover.records import JournalEntry
from failover.topology import Topology
from rehearsal.form import Load, Scenario, Step, with_timings
from rehearsal.form import faults as form
from rehearsal.form.fault_kinds import Amiss, Slowed
from simulator.checking import Checker, Violated
from simulator.director import Director
from simulator.latencies import Latencies
from simulator.settling import LOOK_SECONDS, QUIET_SECONDS, SERVED_SECONDS, Settling
from simulator.watching import Watching
from simulator.world.clocks import BEGINNING
from simulator.world.witnessing import judged, look_on
from simulator.world.world import World

STAYS_SHARE: Final = 0.25
A_MINUTE_SECONDS: Final = 70.0
"""For so long a share of all schedules stays quiet at least: what a clock starts by the minute has come by then."""

FROZEN_SECONDS: Final = 60.0
"""The longest time for which drawn schedules let functions stand still."""

WRITES_PER_SECOND: Final = 1.0
"""Of each client group in a schedule, unless somebody asks for more: they are most of its events."""


@dataclass(frozen=True, slots=True)
class Violation:
    """What does not hold: an invariant's number, ``history``, ``stuck`` or ``error``; when, in virtual seconds."""

    what: str
    why: str
    at: float


@dataclass(slots=True)
class Outcome:
    """What came of one schedule.

    ``covered`` counts, for each (machine's state, kind of fault), how often the state was entered while the fault
    stood; the fault is empty where none did. ``endings`` counts executions by machine and how they ended.
    The journal's times are virtual seconds, as all are; ``zero`` is when the scenario began, after the warm-up.
    ``done`` are its steps as they came, and ``ends`` is when everything was mended, or was to be, both since then.
    """

    seed: str
    violation: Violation | None = None
    virtual_seconds: float = 0.0
    zero: float = 0.0
    events: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    covered: Counter[tuple[str, str]] = field(default_factory=Counter)
    endings: Counter[tuple[str, str]] = field(default_factory=Counter)
    journal: Sequence[tuple[float, JournalEntry]] = ()
    done: Sequence[tuple[float, Step]] = ()
    ends: float = 0.0


class Schedule:
    """One schedule; ``play`` plays it to its end, or to the first violation."""

    def __init__(
        self,
        topology: Topology,
        scenario: Scenario,
        seed: str,
        latencies: Latencies,
        *,
        writes_per_second: float = WRITES_PER_SECOND,
        goes_on: bool = False,
    ) -> None:
        self._scenario = scenario
        load = Load(writes_per_second=writes_per_second)
        self.world = World(with_timings(topology, scenario.timings), seed, latencies, load=load)
        self.outcome = Outcome(seed)
        self.checker = Checker(
            self.world.topology,
            lambda database, region: self.world.copies[database, region].history,
            began=BEGINNING.timestamp(),
            patience_seconds=PATIENCE_SECONDS + longest_standstill(scenario),
            goes_on=goes_on,
        )
        self.director = Director(self.world, scenario)
        self._watching = Watching(self.world, self.director, self.checker, self.outcome.covered)
        look_on(self.world, self._watching)

    def play(self) -> Outcome:
        """Deploy, warm up, do what the scenario says, mend everything, and wait for a good end."""
        world, outcome = self.world, self.outcome
        try:
            self._play()
        except Violated as violated:
            complaint: Complaint = violated.complaint
            outcome.violation = Violation(complaint.invariant, complaint.why, complaint.at)
        finally:
            world.kernel.end()
        outcome.virtual_seconds, outcome.events = world.kernel.now, world.kernel.events
        for _, step in self.director.done:
            if step.fault is not None:
                outcome.faults[step.fault.kind.value] += 1
        outcome.done, outcome.ends = tuple(self.director.done), self.director.ends_at - outcome.zero
        for each in world.executions.all:
            outcome.endings[each.machine, each.error or each.state.value] += 1
        outcome.journal = tuple(zip(world.table.journal_times, world.table.journal, strict=True))
        return outcome

    def _play(self) -> None:
        world, kernel, look = self.world, self.world.kernel, self.checker.look
        settling = Settling(world, self._watching.served)
        world.begin()
        self.outcome.zero = world.warm_up(look)
        self.director.begin()
        kernel.run(self.director.ends_at, look)  # once at least: what is due at second 0 is done before it is mended
        while kernel.now < self.director.ends_at:
            kernel.run(self.director.ends_at, look)
        world.faults.heal_all()
        healed_at, why = kernel.now, "it was not looked"
        least = healed_at + (A_MINUTE_SECONDS if world.chance("quiet").random() < STAYS_SHARE else 0.0)
        while kernel.now < healed_at + QUIET_SECONDS and (why or kernel.now < least):
            kernel.run(kernel.now + LOOK_SECONDS, look)
            why = settling.trouble(healed_at)
        if why:
            self.outcome.violation = Violation("stuck", why, kernel.now)
            return
        running = settling.may_run_on
        world.outside.clients.stop()
        kernel.run(kernel.now + SERVED_SECONDS, look)
        executions = [judged(each) for each in world.executions.all]
        self.checker.ended(kernel.now, executions, running=running or settling.may_run_on)
        look()


def longest_standstill(scenario: Scenario) -> float:
    """For how long a step may stand still between what it reads and what it writes, by what the scenario breaks."""
    longest = 0.0
    for step in scenario.steps:
        match step.fault:
            case form.Slow(what=what) if what is not Slowed.AWS:
                pass
            case form.Answers(how=how) if how is not Amiss.LATE:
                pass
            case form.ExecutorFrozen(seconds=seconds) | form.Slow(seconds=seconds) | form.Answers(seconds=seconds):
                longest += seconds
            case form.Requests(seconds=seconds):
                longest += 2 * seconds
            case form.FunctionsFrozen():
                longest += FROZEN_SECONDS
    return longest
