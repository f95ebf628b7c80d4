"""Waking people: once for each thing that is wrong, and hourly while an incident waits for them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from failover.decision import RULES, Action, Decision
from failover.ports import Ports
from failover.procedures.changing import change_control
from failover.records import Control, Incident, IncidentState
from failover.topology import Topology

ALL_DARK: Final = "R215"
EVERYWHERE: Final = "everywhere"
"""What is paged for when all is dark: one thing, and not one for each region."""
ASKING: Final = frozenset(rule.id for rule in RULES if rule.action is Action.ASK)
HOLDING: Final = "HOLDING:"
REMIND_AFTER: Final = timedelta(hours=1)


def page_once(ports: Ports, topology: Topology, decision: Decision) -> None:
    """Page once for each region and rule, until the region is up again.

    Twice rather than never: it is noted after it is sent.
    """
    about = EVERYWHERE if decision.rule == ALL_DARK else decision.subject
    targets = (f"{name} would move to {told}" for name, told in decision.targets.items())
    others = (f"not {what}: {why}" for what, why in decision.refusals.items())
    reasons = "; ".join([decision.reason, *targets, *others])
    _page_once(ports, topology, about, decision.rule, reasons)


def forget_pages(ports: Ports, seen: Control, subject: str, rule: str) -> None:
    """The region is up: its next trouble is paged for anew, but not what ``rule`` says of it now."""
    if seen.paged.get(subject, rule) == rule and EVERYWHERE not in seen.paged:
        return

    def forgotten(control: Control) -> Control:
        kept = {about: rules for about, rules in control.paged.items() if about not in (subject, EVERYWHERE)}
        still = {subject: rule} if rule in control.paged.get(subject, "").split() else {}
        return replace(control, paged={**kept, **still})

    change_control(ports, forgotten)


def remind(ports: Ports, topology: Topology, control: Control) -> None:
    """Page for the open incident where it waits for a person: for its question once, hourly while it holds.

    That it holds was paged for when it began to. Of two control regions that remind in the same minute both may
    page: that is a page too many, not a wrong one.
    """
    incident = control.incident
    if incident is not None and incident.rule in ASKING:
        _page_once(ports, topology, incident.subject, incident.rule, incident.reason)
    if incident is not None and incident.state is IncidentState.WAITING and incident.rule not in ASKING:
        text = f"incident {incident.id} waits for a person's consent; without it everything is undone"
        _page_once(ports, topology, incident.subject, f"WAITING:{incident.id}", text)
    if incident is not None and incident.state is IncidentState.HOLDING:
        _remind_of(ports, topology, control, incident)
    elif any(about.startswith(HOLDING) for about in control.paged):
        change_control(ports, _holding({}))


def _page_once(ports: Ports, topology: Topology, about: str, rule: str, reason: str) -> None:
    if rule in ports.store.control().paged.get(about, "").split():
        return
    ports.pager.page(f"{topology.name}: {about} needs you", f"{rule}: {reason}")

    def noted(control: Control) -> Control:
        rules = {*control.paged.get(about, "").split(), rule}
        return replace(control, paged={**control.paged, about: " ".join(sorted(rules))})

    change_control(ports, noted)


def _remind_of(ports: Ports, topology: Topology, control: Control, held: Incident) -> None:
    now, last = ports.clock.now(), control.paged.get(HOLDING + held.id)
    if last is not None:
        if now - datetime.fromisoformat(last) < REMIND_AFTER:
            return
        since = f"opened {held.opened_at:%Y-%m-%d %H:%M} UTC, {held.rule}: {held.reason}"
        text = f"incident {held.id} still holds ({since}); nothing goes on by itself, and no other can be opened"
        ports.pager.page(f"{topology.name}: {held.subject} needs you", text)
    change_control(ports, _holding({HOLDING + held.id: now.isoformat()}))


def _holding(told: dict[str, str]) -> Callable[[Control], Control]:
    """Note when people were last told of the incident that holds, and forget those that do not any more."""

    def noted(control: Control) -> Control:
        kept = {about: rules for about, rules in control.paged.items() if not about.startswith(HOLDING)}
        return replace(control, paged={**kept, **told})

    return noted
