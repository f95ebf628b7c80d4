"""Plainer forms of a step: round and early times, arguments as they are by default, the first time and no later."""

from collections.abc import Iterator
from typing import Any, Final

from pydantic import ValidationError

from rehearsal.form import Event, Fault, Operation, Step, Timings

VARIED: Final = ("automation", "approval", "consent", "rpo", "cool_down")
"""The timings that a schedule draws beside its pace; the pace itself is as plain as it can be."""

KEPT: Final = frozenset({"refused"})
"""Arguments that say how a play goes on, and not what happens in it."""


def plainer(step: Step) -> Iterator[Step]:
    """Yield plainer forms of a step, the plainest first; nothing of one that expects something."""
    if step.words is not None or step.at is None:
        return
    for at in _plainer_times(step):
        yield step.model_copy(update={"at": at})
    if step.upon is not None:
        for event in _plainer_events(step.upon):
            yield step.model_copy(update={"upon": event})
    if step.fault is not None:
        for fault in _plainer_arguments(step.fault):
            yield step.model_copy(update={"fault": fault})
    if step.operator is not None:
        for operation in _plainer_arguments(step.operator):
            yield step.model_copy(update={"operator": operation})


def plainer_timings(timings: Timings) -> Iterator[Timings]:
    """Yield the timings without one of those that are beside the pace."""
    for name in VARIED:
        if getattr(timings, name) is not None:
            yield timings.model_copy(update={name: None})


def _plainer_times(step: Step) -> Iterator[float]:
    """Yield the least time, then earlier and rounder ones; what heals all must stay behind all that breaks."""
    at, least = step.at or 0.0, 0.0 if step.heal is None else 1.0
    if step.heal == "all":
        yield from (each for each in (float(-(-at // 1)),) if each != at)
        return
    for each in (least, float(at // 20 * 10), float(at // 10 * 10), float(at // 5 * 5), float(round(at)), round(at, 1)):
        if each != at and least <= each and (each < at or each == round(at) or each == round(at, 1)):
            yield each


def _plainer_events(event: Event) -> Iterator[Event]:
    for nth in range(1, min(event.nth, 4)):
        yield event.model_copy(update={"nth": nth})
    if event.nth > 4:
        yield event.model_copy(update={"nth": event.nth // 2})
    if event.region != "*":
        yield event.model_copy(update={"region": "*"})
    for by in (float(-(-event.by // 10) * 10), float(round(event.by))):
        if by != event.by and event.by % 10 != 0:
            yield event.model_copy(update={"by": by})


def _plainer_arguments(thing: Fault | Operation) -> Iterator[Any]:
    """Yield the same kind with one argument as it is by default, or rounder, or less."""
    given = {name: getattr(thing, name) for name in type(thing).model_fields}
    fields = type(thing).model_fields
    for name, value in given.items():
        if name in KEPT:
            continue
        field = fields[name]
        default = field.get_default(call_default_factory=True) if not field.is_required() else value
        others = [] if default == value else [default]
        for other in [*others, *_less(value)]:
            if other != value and _allowed(thing, {**given, name: other}):
                yield thing.model_copy(update={name: other})


def _less(value: Any) -> Iterator[Any]:
    if isinstance(value, bool):
        return
    if isinstance(value, int):
        yield from range(1, min(value, 4))
    elif isinstance(value, float):
        yield float(round(value)) if value >= 1 else round(value, 1)
    elif isinstance(value, dict):
        for key in sorted(value):
            yield {each: value[each] for each in value if each != key}


def _allowed(thing: Fault | Operation, given: dict[str, Any]) -> bool:
    """Whether the form allows these arguments: one may follow from another."""
    made = type(thing).model_construct(**given)
    try:
        type(thing).model_validate(made.model_dump(mode="json", by_alias=True, exclude_defaults=True))
    except ValidationError:
        return False
    return True
