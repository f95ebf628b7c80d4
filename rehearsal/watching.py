"""Steps while a play runs: when each is due, what was seen of it, and how it ended.

A step's moment is its own time for ``at``, the moment its words came true for ``by`` (its deadline when they
never did), and the moment of the step before it for ``until``. The watch of the next step opens there. A mark
names the same moment, but the end of an ``until``. So every moment comes, whatever fails.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from rehearsal.facts import Facts
from rehearsal.form import Action, Event, Scenario, Step, When
from rehearsal.form.expectations import AFTERWARDS
from rehearsal.judging import Finding, judge

LATE_SECONDS: Final = 0.5
"""A look that was due at a deadline may come this late: a stage in real time needs time to be looked at."""


@dataclass(slots=True)
class Watched:
    """One step of a running play.

    ``due`` and ``opens`` are ``None`` until the mark or the step before has its moment. ``held`` is ``None``
    while the step is pending, and stays so for words that are judged when the play is over.
    """

    step: Step
    index: int
    due: float | None = None
    opens: float | None = None
    moment: float | None = None
    done: bool = False
    held: bool | None = None
    seen_at: float | None = None
    observed: str = ""

    @property
    def speaks_now(self) -> bool:
        """Whether any of its words is judged at a moment."""
        return self.step.words is not None and bool(set(self.step.words.said()) - AFTERWARDS)

    def look(self, facts: Facts) -> None:
        """Judge the step's words on one moment, if it is watched or due by then."""
        if self.done or self.step.words is None or self.due is None or self.opens is None or facts.at < self.opens:
            return
        if not self.speaks_now:
            if facts.at >= self.due:
                self._end(self.opens if self.step.when is When.UNTIL else self.due, held=None)
            return
        holds, observed = self._judged(facts)
        match self.step.when:
            case When.AT if facts.at >= self.due:
                self._end(self.due, held=holds, seen_at=facts.at, observed=observed)
            case When.BY if holds and facts.at <= self.due + LATE_SECONDS:
                self._end(min(facts.at, self.due), held=True, seen_at=facts.at, observed=observed)
            case When.BY if facts.at >= self.due:
                self._end(self.due, held=False, observed=observed)
            case When.UNTIL:
                self._stay(facts, holds=holds, observed=observed)

    def act(self) -> None:
        """End a step that does something, or only marks."""
        self._end(self.due, held=None)

    def _stay(self, facts: Facts, *, holds: bool, observed: str) -> None:
        self.moment = self.opens
        assert self.due is not None
        if facts.at > self.due and self.observed:
            self._end(self.moment, held=True, observed=self.observed)
        elif not holds:
            self._end(self.moment, held=False, seen_at=facts.at, observed=observed)
        elif facts.at >= self.due:
            self._end(self.moment, held=True, observed=observed)
        else:
            self.observed = observed

    def _judged(self, facts: Facts) -> tuple[bool, str]:
        assert self.step.words is not None
        findings = judge(self.step.words, facts)
        negative = self.step.action is Action.NEVER
        amiss = [each for each in findings if each.holds is negative]
        return not amiss, told(amiss or findings)

    def _end(
        self, moment: float | None, *, held: bool | None, seen_at: float | None = None, observed: str = ""
    ) -> None:
        self.done, self.moment, self.held, self.seen_at, self.observed = True, moment, held, seen_at, observed


@dataclass(slots=True)
class Watch:
    """All steps of a scenario while it is played."""

    steps: list[Watched] = field(default_factory=list)
    marks: dict[str, float] = field(default_factory=dict)
    awaited: list[Event] = field(default_factory=list)
    came: dict[Event, float] = field(default_factory=dict)

    @classmethod
    def of(cls, scenario: Scenario) -> "Watch":
        """Begin to watch a scenario."""
        steps = [Watched(step, index) for index, step in enumerate(scenario.steps)]
        return cls(steps, awaited=list(scenario.events))

    @property
    def pending(self) -> list[Watched]:
        """The steps that are not done."""
        return [each for each in self.steps if not each.done]

    def settle(self) -> None:
        """Give every step its times as far as they are known by now."""
        before: float | None = 0.0
        for each in self.steps:
            self._time(each, before)
            ended = each.due if each.step.when is When.UNTIL else each.moment
            if each.step.mark is not None and each.done and ended is not None:
                self.marks.setdefault(each.step.mark, ended)
            before = each.moment if each.moment is not None else _known_beforehand(each)

    def hear(self, moment_of: Callable[[Event], float | None], now: float) -> None:
        """Learn which events have come; one that has not come by its time counts as come then."""
        for event in self.awaited:
            moment = moment_of(event)
            if moment is None and now >= event.by:
                moment = event.by
            if moment is not None:
                self.came[event] = min(moment, event.by)
        self.awaited = [event for event in self.awaited if event not in self.came]

    def look(self, facts: Facts, *, before: int | None = None) -> list[Watched]:
        """Judge one moment, only the steps ``before`` an index if that is said; return those that it ended."""
        ended = []
        self.settle()
        for each in self.pending:
            if before is None or each.index < before:
                each.look(facts)
                if each.done:
                    ended.append(each)
                    self.settle()
        return ended

    def next_act(self) -> Watched | None:
        """Return the next step that does something or marks, of those whose time is known."""
        acts = [each for each in self.pending if each.step.words is None and each.due is not None]
        return min(acts, key=lambda each: (each.due or 0.0, each.index), default=None)

    def next_due(self) -> float | None:
        """Return the next moment at which a step is due, or an event counts as come."""
        latest = [event.by for event in self.awaited]
        return min([*latest, *(each.due for each in self.pending if each.due is not None)], default=None)

    def _time(self, each: Watched, before: float | None) -> None:
        if each.due is None:
            start = self._start(each.step, 0.0)
            each.due = None if start is None else start + each.step.seconds
        if each.opens is None and each.due is not None:
            if each.step.when is When.AT:
                each.opens = each.due
            else:
                each.opens = self._start(each.step, before)
        if each.step.when is When.UNTIL and each.moment is None:
            each.moment = each.opens

    def _start(self, step: Step, otherwise: float | None) -> float | None:
        """Return from when a step's time counts; ``None`` while its mark or event has not come."""
        if step.upon is not None:
            return self.came.get(step.upon)
        return otherwise if step.after is None else self.marks.get(step.after)


def _known_beforehand(each: Watched) -> float | None:
    return each.due if each.step.when is When.AT else None


def told(findings: list[Finding]) -> str:
    """Return findings as one line for people."""
    return ", ".join(each.observed for each in findings)
