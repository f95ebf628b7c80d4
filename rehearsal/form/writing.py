"""From a scenario back to the YAML that people write: one step a line, and ``read_scenario`` reads the same again."""

from typing import Any, Final

import yaml

from rehearsal.form.durations import written as duration
from rehearsal.form.entries import Arguments
from rehearsal.form.faults import Fault
from rehearsal.form.load import Load
from rehearsal.form.operations import Operation
from rehearsal.form.scenario import Scenario, Step
from rehearsal.form.timings import Timings

WIDE: Final = 1_000_000
"""A step is never broken over two lines, however long."""


def written(scenario: Scenario, *, note: str = "") -> str:
    """Return the YAML of a scenario, with a ``note`` above it; its name is that of the file that it is put in."""
    head: dict[str, Any] = {"proves": scenario.proves, "topology": scenario.topology}
    if scenario.timings != Timings():
        head["timings"] = scenario.timings.model_dump(mode="json", exclude_none=True)
    if scenario.load != Load():
        head["load"] = scenario.load.model_dump(mode="json", exclude_defaults=True)
    lines = [f"# {line}".rstrip() for line in note.splitlines()]
    lines += [f"{key}: {_flow(value)}" for key, value in head.items()]
    lines += ["", "steps:", *(f"  - {_flow(as_written(step))}" for step in scenario.steps)]
    return "\n".join(lines) + "\n"


def as_written(step: Step) -> dict[str, Any]:
    """Return the mapping of one step, without what is not said."""
    told: dict[str, Any] = {step.when.value: duration(step.seconds)}
    if step.after is not None:
        told["after"] = step.after
    if step.upon is not None:
        told["upon"] = step.upon.model_dump(mode="json", exclude_defaults=True)
    if step.action is not None:
        told[step.action.value] = _action(step)
    if step.mark is not None:
        told["mark"] = step.mark
    return told


def _action(step: Step) -> Any:
    if step.words is not None:
        told = step.words.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return {word: _alone(value) for word, value in told.items()}
    thing = step.fault or step.heal or step.operator
    return {thing.kind.value: _arguments(thing)} if isinstance(thing, Fault | Operation) else thing


def _arguments(thing: Arguments) -> Any:
    """Return the arguments that are not as they are by default; one alone in the short way, if it has one."""
    given = thing.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if "refused" in given:
        given["refused"] = given.pop("refused")  # what is done comes first
    alone = given.get(thing.shorthand) if thing.shorthand is not None and len(given) == 1 else None
    return alone if isinstance(alone, str) else given


def _alone(value: Any) -> Any:
    """Return the one text of a list that has no other."""
    return value[0] if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str) else value


def _flow(value: Any) -> str:
    text: str = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=WIDE, allow_unicode=True)
    return text.removesuffix("\n").removesuffix("\n...")
