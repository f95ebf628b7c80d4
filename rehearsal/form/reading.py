"""From a YAML file to a scenario, with every mistake told at once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from rehearsal.form.events import Event
from rehearsal.form.mistakes import Mistake, ScenarioError, mistakes_of, near
from rehearsal.form.scenario import Scenario, When


def read_scenario(path: Path) -> Scenario:
    """Return the scenario of a file; its name is the file's.

    Raises:
        ScenarioError: the file cannot be read, is no YAML, or has mistakes; it tells all of them.
    """
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), _Strict)  # noqa: S506 (a SafeLoader)
    except OSError as exc:
        told = Mistake(str(path), "the file", repr(str(path)), str(exc.strerror), "a readable file", "check its name")
        raise ScenarioError([told]) from exc
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        wrong = " ".join(str(exc).split())
        told = Mistake(str(path), "the document", "no YAML", wrong, "YAML, see docs/drills.md", "mend the line")
        raise ScenarioError([told]) from exc
    return parse_scenario(document, file=str(path), name=path.stem)


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


class _Strict(yaml.SafeLoader):
    """A safe loader that takes a key written twice for the mistake that it is."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        seen: set[Any] = set()
        for key, _ in node.value:
            name = self.construct_object(key, deep=deep)
            if name in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{name!r} is written twice", key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)
