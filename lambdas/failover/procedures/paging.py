"""Waking people: once for each thing that is wrong, and once for each question."""

from dataclasses import replace
from typing import Final

from failover.decision import RULES, Action, Decision
from failover.ports import Ports
from failover.procedures.changing import change_control
from failover.records import Control, Incident
from failover.topology import Topology

ALL_DARK: Final = "R215"
EVERYWHERE: Final = "everywhere"
"""What is paged for when all is dark: one thing, and not one for each region."""
ASKING: Final = frozenset(rule.id for rule in RULES if rule.action is Action.ASK)


def page_once(ports: Ports, topology: Topology, decision: Decision) -> None:
    """Page once for each region and rule, until the region is up again.

    Twice rather than never: it is noted after it is sent.
    """
    about = EVERYWHERE if decision.rule == ALL_DARK else decision.subject
    _page_once(ports, topology, about, decision.rule, _worded(decision))


def page_question(ports: Ports, topology: Topology, incident: Incident, decision: Decision | None = None) -> None:
    """Page once for an incident that asks people something; each incident asks anew, whatever was asked before it.

    ``decision`` is what opened it, for whoever still has it: it says where everything would move.
    """
    if incident.rule in ASKING:
        text = f"{incident.rule}: {incident.reason}" if decision is None else _worded(decision)
        page_for(ports, topology, incident, incident.rule, text)


def page_for(ports: Ports, topology: Topology, incident: Incident, what: str, text: str) -> None:
    """Page once in an incident's life for one thing about it."""
    _page_once(ports, topology, incident.subject, f"{what}:{incident.id}", text)


def forget_pages(ports: Ports, seen: Control, subject: str, rule: str) -> None:
    """The region is up: its next trouble is paged for anew, but not what ``rule`` says of it now."""
    if seen.paged.get(subject, rule) == rule and EVERYWHERE not in seen.paged:
        return

    def forgotten(control: Control) -> Control:
        kept = {about: rules for about, rules in control.paged.items() if about not in (subject, EVERYWHERE)}
        still = {subject: rule} if rule in control.paged.get(subject, "").split() else {}
        return replace(control, paged={**kept, **still})

    change_control(ports, forgotten)


def _worded(decision: Decision) -> str:
    targets = (f"{name} would move to {told}" for name, told in decision.targets.items())
    others = (f"not {what}: {why}" for what, why in decision.refusals.items())
    return f"{decision.rule}: " + "; ".join([decision.reason, *targets, *others])


def _page_once(ports: Ports, topology: Topology, about: str, key: str, text: str) -> None:
    if key in ports.store.control().paged.get(about, "").split():
        return
    ports.pager.page(f"{topology.name}: {about} needs you", text)

    def noted(control: Control) -> Control:
        keys = {*control.paged.get(about, "").split(), key}
        return replace(control, paged={**control.paged, about: " ".join(sorted(keys))})

    change_control(ports, noted)
