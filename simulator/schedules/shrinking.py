"""Makes a scenario that breaks something as short and as plain as it can be while it still does."""

from collections.abc import Callable, Sequence

from rehearsal.form import Scenario, Step, When, written
from rehearsal.form.reading import misplaced
from simulator.schedules.plainer import plainer, plainer_timings

Breaks = Callable[[Scenario], bool]


def shrunk(scenario: Scenario, breaks: Breaks, budget: int = 300) -> Scenario:
    """Return a scenario that still breaks, with the fewest faults and operations and the plainest ones.

    First whole faults and operations are left out, each with its heals; then heals; then what is left is made plainer.
    What is expected stays. The same scenario gives the same result, with any ``breaks`` that gives the same answers.

    Args:
        scenario: one that breaks.
        breaks: plays a scenario, and tells whether what is looked for happens in it.
        budget: how often it may be asked at most; the best by then is returned.
    """
    attempts = _Attempts(scenario, breaks, budget)
    _leave_out(attempts, _acts)
    _leave_out(attempts, _heals)
    _make_plainer(attempts)
    _leave_out(attempts, _acts)
    return attempts.best


class _Attempts:
    """The plainest scenario so far that breaks, and how often more one may ask."""

    def __init__(self, scenario: Scenario, breaks: Breaks, budget: int) -> None:
        self.best = scenario
        self._breaks, self._left = breaks, budget
        self._known = {written(scenario)}

    def take(self, steps: Sequence[Step]) -> bool:
        """Try other steps; returns whether they are the best now."""
        return self.take_whole(self.best.model_copy(update={"steps": _in_order(_marked(steps))}))

    def take_whole(self, scenario: Scenario) -> bool:
        """Try another scenario; one that could not be read, or was tried already, is not asked for."""
        text = written(scenario)
        if self._left <= 0 or text in self._known or any(misplaced("", scenario)):
            return False
        self._known.add(text)
        self._left -= 1
        if self._breaks(scenario):
            self.best = scenario
            return True
        return False


def _acts(steps: Sequence[Step]) -> list[frozenset[int]]:
    """Return the places of each operation, and of each fault with the heals that mend it."""
    found: list[set[int]] = []
    of_fault: dict[object, set[int]] = {}
    for index, step in enumerate(steps):
        if step.fault is not None:
            of_fault[step.fault] = {index}
            found.append(of_fault[step.fault])
        elif step.operator is not None:
            found.append({index})
        elif step.heal in of_fault:
            of_fault[step.heal].add(index)
    return [frozenset(each) for each in found]


def _heals(steps: Sequence[Step]) -> list[frozenset[int]]:
    """Return the places of heals of one fault; what heals all ends the schedule and stays."""
    return [frozenset({index}) for index, step in enumerate(steps) if step.heal not in (None, "all")]


def _leave_out(attempts: _Attempts, parts_of: Callable[[Sequence[Step]], list[frozenset[int]]]) -> None:
    """Leave out as many parts at once as possible: all, then halves, quarters, … and each of them at last."""
    size = len(parts_of(attempts.best.steps))
    while size >= 1:
        start, found = 0, False
        while start < len(parts := parts_of(attempts.best.steps)):
            gone = frozenset().union(*parts[start : start + size])
            if attempts.take(_without(attempts.best.steps, gone)):
                found = True
            else:
                start += size
        size = size if found and size == 1 else size // 2


def _without(steps: Sequence[Step], gone: frozenset[int]) -> list[Step]:
    """Return the other steps; a mark from which one of them counts stays where it was."""
    used = {step.after for index, step in enumerate(steps) if index not in gone}
    left = []
    for index, step in enumerate(steps):
        if index not in gone:
            left.append(step)
        elif step.mark is not None and step.mark in used:
            left.append(Step.model_construct(at=step.at, after=step.after, upon=step.upon, mark=step.mark))
    return left


def _marked(steps: Sequence[Step]) -> list[Step]:
    """Return the steps without the marks from which nothing counts any more."""
    used = {step.after for step in steps}
    return [
        step.model_copy(update={"mark": None}) if step.action is not None and step.mark not in used else step
        for step in steps
    ]


def _make_plainer(attempts: _Attempts) -> None:
    """Try each plainer form of each step until none of them breaks any more."""
    again = True
    while again:
        again = False
        for index in range(len(attempts.best.steps)):
            again = _take_first(attempts, index) or again
        for timings in plainer_timings(attempts.best.timings):
            again = attempts.take_whole(attempts.best.model_copy(update={"timings": timings})) or again


def _take_first(attempts: _Attempts, index: int) -> bool:
    steps = attempts.best.steps
    if index >= len(steps):
        return False
    return any(attempts.take(_replaced(steps, steps[index], other)) for other in plainer(steps[index]))


def _replaced(steps: Sequence[Step], step: Step, other: Step) -> list[Step]:
    """Put another step in a step's place; the heals of a fault go with it."""
    return [
        other
        if each is step
        else each.model_copy(update={"heal": other.fault})
        if step.fault is not None and each.heal == step.fault
        else each
        for each in steps
    ]


def _in_order(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Put steps that all happen at a moment in the order of their latest times; others stay where they are."""
    if any(step.when is not When.AT for step in steps):
        return tuple(steps)
    latest: dict[str, float] = {}
    moments = []
    for step in steps:
        since = step.upon.by if step.upon is not None else latest.get(step.after or "", 0.0)
        moments.append(since + step.seconds)
        if step.mark is not None:
            latest[step.mark] = moments[-1]
    order = sorted(range(len(steps)), key=lambda index: moments[index])
    return tuple(steps[index] for index in order)
