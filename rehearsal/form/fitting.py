"""Whether a scenario fits a topology: every name in it is there."""

from collections.abc import Iterator

from failover.invariants import NOTICE
from failover.topology import Topology
from rehearsal.form.entries import EVERYWHERE
from rehearsal.form.events import Event
from rehearsal.form.executions import NONE
from rehearsal.form.expectations import Expectation
from rehearsal.form.faults import Fault, StoreReplicaDown
from rehearsal.form.mistakes import Mistake, ScenarioError, near
from rehearsal.form.scenario import Scenario, Step
from rehearsal.form.steps import state_names, step_names

STATE, STEP = "state", "step"
REGION_FIELDS = ("region", "source", "target", "isolate", "observer", "subject")


def fitted(scenario: Scenario, topology: Topology, *, file: str = "scenario") -> Scenario:
    """Return the scenario if every place and database that it names is in the topology, and every step is ours.

    Raises:
        ScenarioError: some are not; it tells all of them.
    """
    mistakes = [
        Mistake(file, path, repr(value), f"no {noun} of {_owner(noun, topology)}", ", ".join(known), near(value, known))
        for path, noun, value, known in _names(scenario, topology)
        if value not in known
    ]
    if mistakes:
        raise ScenarioError(mistakes)
    return scenario


def _owner(noun: str, topology: Topology) -> str:
    return "our machines" if noun in (STATE, STEP) else f"topology {topology.name}"


def _names(scenario: Scenario, topology: Topology) -> Iterator[tuple[str, str, str, list[str]]]:
    """Yield each name in the scenario: its path, what it names, the name, and the names there are."""
    everywhere = sorted({*topology.region_names, *topology.control_regions, *topology.quorum.replicas})
    for group in scenario.load.groups:
        yield "load.groups", "client group", group, [*topology.region_names]
    for index, step in enumerate(scenario.steps):
        yield from _named_by_action(f"steps[{index}]", step, everywhere, topology)
        if step.upon is not None:
            yield from _named_by_event(f"steps[{index}].upon", step.upon, everywhere)
        if step.words is not None:
            where = "expect" if step.expect is not None else "never"
            yield from _named_by_words(f"steps[{index}].{where}", step.words, topology)


def _named_by_action(
    path: str, step: Step, regions: list[str], topology: Topology
) -> Iterator[tuple[str, str, str, list[str]]]:
    thing = step.fault or step.operator
    if thing is None:
        return
    where = f"{path}.{'fault' if step.fault is not None else 'operator'}.{thing.kind.value}"
    for field in REGION_FIELDS:
        value = getattr(thing, field, None)
        if value is not None:
            yield f"{where}.{field}", "region", value, [*regions, EVERYWHERE]
    if isinstance(thing, StoreReplicaDown):
        places = [*topology.quorum.replicas, *filter(None, [topology.quorum.witness])]
        yield f"{where}.region", "place of the quorum store", thing.region, places
    if isinstance(thing, Fault):
        yield from _named_by_fault(where, thing)
    database = getattr(thing, "database", None)
    if database is not None:
        yield f"{where}.database", "database", database, [each.name for each in topology.databases]


def _named_by_fault(where: str, fault: Fault) -> Iterator[tuple[str, str, str, list[str]]]:
    """What an operator names wrongly is refused in the play; a fault of a step that nobody has would never come."""
    for field, known in ((STEP, step_names()), (STATE, state_names())):
        value = getattr(fault, field, None)
        if value is not None:
            yield f"{where}.{field}", field, value, [*known, EVERYWHERE]


def _named_by_event(path: str, event: Event, regions: list[str]) -> Iterator[tuple[str, str, str, list[str]]]:
    yield f"{path}.region", "region", event.region, [*regions, EVERYWHERE]
    for state in filter(None, (event.entered, event.left)):
        yield f"{path}.{event.kind}", STATE, state, [*state_names()]


def _named_by_words(path: str, words: Expectation, topology: Topology) -> Iterator[tuple[str, str, str, list[str]]]:
    regions = [*topology.region_names]
    for word in ("writer", "refuses_writes", "no_traffic"):
        for value in getattr(words, word) or ():
            yield f"{path}.{word}", "region", value, [*regions, NONE] if word == "writer" else regions
    for word in ("gate", "promotions"):
        for value in getattr(words, word) or {}:
            yield f"{path}.{word}", "region", value, [*regions, EVERYWHERE]
    for group in words.carried.of if words.carried is not None else ():
        yield f"{path}.carried.of", "client group", group, regions
    for value in words.unprotected or ():
        yield f"{path}.unprotected", "database", value, [each.name for each in topology.databases]
    for group, places in (words.traffic or {}).items():
        yield f"{path}.traffic", "client group", group, [*regions, EVERYWHERE]
        for value in places:
            yield f"{path}.traffic.{group}", "region", value, regions if value != NOTICE else [NOTICE]
    for index, each in enumerate(words.any_of or ()):
        yield from _named_by_words(f"{path}.any_of[{index}]", each, topology)
