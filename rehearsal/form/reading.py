"""From a YAML file to a scenario, with every mistake told at once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from rehearsal.form.events import Event
from rehearsal.form.mistakes import Mistake, ScenarioError, mistakes_of, near
from rehearsal.form.scenario import Scenario, When
from topology_document.findings import Finding, TopologyError, dotted
from topology_document.source import read_file, read_text


def read_scenario(path: Path) -> Scenario:
    """Return the scenario of a file; its name is the file's.

    Raises:
        ScenarioError: the file cannot be read, is no YAML, or has mistakes; it tells all of them.
    """
    file = str(path)
    try:
        source = read_text(read_file(file), file)
    except TopologyError as exc:  # what any document of ours may lack: a name, UTF-8, YAML that ends
        raise ScenarioError([_unreadable(file, each) for each in exc.mistakes]) from exc
    if source.mistakes:
        raise ScenarioError([_unreadable(file, each) for each in source.mistakes])
    return parse_scenario(source.values, file=file, name=path.stem)


def parse_scenario(document: Any, *, file: str = "scenario", name: str = "scenario") -> Scenario:
    """Return the scenario of a document; raises ``ScenarioError`` with every mistake."""
    try:
        scenario = Scenario.model_validate(document).model_copy(update={"name": name})
    except ValidationError as exc:
        raise ScenarioError(mistakes_of(file, Scenario, exc)) from exc
    if mistakes := [*misplaced(file, scenario)]:
        raise ScenarioError(mistakes)
    return scenario


def misplaced(file: str, scenario: Scenario) -> Iterator[Mistake]:
    """Yield the mistakes of steps that do not follow from those before them: their marks, order and heals."""
    marks: list[str] = []
    broken: list[Any] = []
    clock: dict[str | Event | None, float] = {}
    for index, step in enumerate(scenario.steps):
        path = f"steps[{index}]"
        if step.after is not None and step.after not in marks:
            allowed = ", ".join(marks) or "none is set before this step"
            yield Mistake(file, f"{path}.after", repr(step.after), "no earlier mark", allowed, near(step.after, marks))
        if step.mark is not None and step.mark in marks:
            allowed = "a name not used before"
            yield Mistake(file, f"{path}.mark", repr(step.mark), "a mark set twice", allowed, "choose another name")
        since = step.upon or step.after
        if step.when is When.AT and step.seconds < clock.get(since, 0.0):
            allowed = f"at least {clock[since]:g}s"
            value = f"{step.seconds:g}s"
            yield Mistake(file, f"{path}.at", value, "earlier than the step before it", allowed, "order the steps")
        if step.when is When.AT:
            clock[since] = step.seconds
        if step.heal is not None and step.heal != "all" and step.heal not in broken:
            allowed = "; ".join(each.line() for each in broken) or "nothing is broken before this step"
            yield Mistake(file, f"{path}.heal", step.asked(), "mends what is not broken", allowed, "repeat the fault")
        marks += [step.mark] if step.mark is not None else []
        broken += [step.fault] if step.fault is not None else []
    if not any(step.words is not None for step in scenario.steps):
        yield Mistake(file, "steps", "no expectation", "proves nothing", "at least one expect or never", "add one")


def _unreadable(file: str, found: Finding) -> Mistake:
    place = dotted(found.path) if found.path else "the file"
    return Mistake(file, place, found.got, "cannot be read", found.allowed, found.fix)
