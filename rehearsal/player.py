"""Plays a scenario on a stage: does what is due, looks four times a second, and reports."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from rehearsal.facts import Facts
from rehearsal.form import Fault, Operation, Scenario
from rehearsal.report import Report, reported
from rehearsal.sightings import Trace
from rehearsal.stage import Stage, StageError
from rehearsal.telling import SCENARIO, Line, LineKind, Told, of_change, of_entry, of_step
from rehearsal.watching import Watch, Watched

POLL_SECONDS: Final = 0.25


def quiet(told: Told) -> None:
    """Tell nobody."""


def play(
    scenario: Scenario, stage: Stage, on_event: Callable[[Told], None] = quiet, *, poll_seconds: float = POLL_SECONDS
) -> Report:
    """Play a scenario to its end, whatever fails on the way, and return what came of it.

    It ends when every step is done: an expectation that came true ends its step at once.

    Raises:
        StageError: the stage cannot do what a step asks.
    """
    return _Play(scenario, stage, on_event, poll_seconds).run()


@dataclass(slots=True)
class _Play:
    scenario: Scenario
    stage: Stage
    on_event: Callable[[Told], None]
    poll_seconds: float
    watch: Watch = field(default_factory=Watch)
    trace: Trace = field(default_factory=Trace)
    lines: list[Line] = field(default_factory=list)
    journalled: int = 0

    def run(self) -> Report:
        self.stage.prepare(self.scenario)
        self.watch = Watch.of(self.scenario)
        self._look()
        while self.watch.pending:
            self._act_until(self._rest())
            self._look()
        history = self.stage.history()
        return reported(self.scenario, self.stage, history, trace=self.trace, watch=self.watch, lines=self.lines)

    def _rest(self) -> float:
        """Wait for the next look or the next thing that is due, and return the time that came."""
        self.watch.settle()
        now = self.stage.now()
        due = self.watch.next_due()
        wanted = now + self.poll_seconds
        self.stage.wait_until(wanted if due is None else max(now, min(wanted, due)))
        now = self.stage.now()
        self.watch.hear(self.stage.moment_of, now)
        self.watch.settle()
        return now

    def _act_until(self, now: float) -> None:
        """Do whatever is due, one after the other; what was to hold until then is judged right before it."""
        while (act := self.watch.next_act()) is not None and act.due is not None and act.due <= now:
            self._look(before=act.index)
            self._do(act)

    def _do(self, act: Watched) -> None:
        step, at = act.step, self.stage.now()
        if step.fault is not None:
            self._say(at, LineKind.FAULT, step.asked())
            self.stage.apply(step.fault)
            self.trace.broke(step.fault, at, self.stage.now())
        elif step.heal is not None:
            self._say(at, LineKind.HEAL, step.asked())
            for fault in self._healed(step.heal):
                self.stage.heal(fault)
                self.trace.mended(fault, self.stage.now())
        elif step.operator is not None:
            self._say(at, LineKind.OPERATOR, step.asked())
            self._operate(step.operator)
        act.act()
        self.watch.settle()
        self.on_event(of_step(act, len(self.watch.steps), at))

    def _operate(self, operation: Operation) -> None:
        """Do it; one that the scenario expects to be refused must be."""
        try:
            self.stage.operate(operation)
        except StageError as exc:
            if operation.refused is False:
                raise
            self._say(self.stage.now(), LineKind.OPERATOR, str(exc))
            return
        if operation.refused is True:
            raise StageError(f"{operation.line()} was not refused, as the scenario expects")

    def _healed(self, heal: Fault | str) -> list[Fault]:
        return [heal] if isinstance(heal, Fault) else self.trace.standing

    def _look(self, *, before: int | None = None) -> None:
        facts = replace(self.stage.facts(), disturbed_at=self.trace.disturbed_at)
        self._tell_changes(facts)
        for ended in self.watch.look(facts, before=before):
            kind = {True: LineKind.HELD, False: LineKind.BROKEN, None: None}[ended.held]
            if kind is not None:
                why = "" if ended.held else f" — {ended.observed}"
                self.lines.append(Line(facts.at, SCENARIO, kind, ended.step.told() + why))
            self.on_event(of_step(ended, len(self.watch.steps), facts.at))

    def _tell_changes(self, facts: Facts) -> None:
        first = not self.trace.up
        changes = [of_change(self.trace, change) for change in self.trace.saw(facts)]
        lines = [line for line in changes if line is not None and not first]
        lines += [of_entry(each) for each in facts.journal[self.journalled :]]
        self.journalled = len(facts.journal)
        for line in sorted(lines, key=lambda each: each.at):
            self.lines.append(line)
            self.on_event(line)

    def _say(self, at: float, kind: LineKind, text: str) -> None:
        line = Line(at, SCENARIO, kind, text)
        self.lines.append(line)
        self.on_event(line)
