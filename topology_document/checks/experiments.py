"""Checks of faults on purpose: where they can be injected, and when they may begin by themselves."""

from collections.abc import Iterator
from typing import Final

from failover.topology import Automation
from topology_document.compilation import control_regions
from topology_document.document import TopologyDocument
from topology_document.findings import Finding, did_you_mean, listed, shown
from topology_document.values import Weekday

WEEK: Final = 7 * 24 * 60
"""In minutes."""


def practised_where_it_can_be(document: TopologyDocument) -> Iterator[Finding]:
    """A practice needs its experiment, in a region of AWS that runs the control plane."""
    asked = document.experiments
    if asked is None:
        return
    placed = [each for each in control_regions(document) if each in document.regions]
    for number, each in enumerate(asked.practice):
        path = ("experiments", "practice", str(number))
        if each.region not in placed:
            fix = did_you_mean(each.region, placed, "choose one of them")
            allowed = f"a workload region that runs the control plane: {listed(placed)}"
            yield Finding((*path, "region"), shown(each.region), allowed, fix)
        if each.experiment not in asked.wanted:
            allowed = f"one of experiments.kinds: {listed(asked.wanted)}"
            yield Finding((*path, "experiment"), shown(each.experiment), allowed, f"add {each.experiment} to kinds")


def rehearsed_from_elsewhere(document: TopologyDocument) -> Iterator[Finding]:
    """A loss is rehearsed by who would be there: a control region that is not the one that is lost."""
    for number, each in enumerate(document.experiments.rehearsals if document.experiments else []):
        path = ("experiments", "rehearsals", str(number))
        if each.subject not in document.regions:
            fix = did_you_mean(each.subject, document.regions, f"add {each.subject} to regions")
            allowed = f"one of the regions: {listed(document.regions)}"
            yield Finding((*path, "subject"), shown(each.subject), allowed, fix)
        others = [region for region in control_regions(document) if region != each.subject]
        if each.executed_in not in others:
            fix = did_you_mean(each.executed_in, others, "choose one of them")
            allowed = f"a control region that is not its subject: {listed(others)}"
            yield Finding((*path, "executed_in"), shown(each.executed_in), allowed, fix)


def practised_outside_maintenance(document: TopologyDocument) -> Iterator[Finding]:
    """In a maintenance window every practice would be put off, each week anew."""
    for number, each in enumerate(document.experiments.practice if document.experiments else []):
        when = _minute(each.weekday, each.at)
        if any(
            (when - _minute(window.weekday, window.begins)) % WEEK < window.minutes
            for window in document.failover.maintenance
            if window.region in {None, each.region}
        ):
            allowed = f"a time outside the maintenance windows of {each.region}: nothing is practised in them"
            path = ("experiments", "practice", str(number), "at")
            yield Finding(path, shown(each.at), allowed, "choose another time or another day")


def practised_by_who_acts(document: TopologyDocument) -> Iterator[Finding]:
    """Where people must be asked, a fault that begins by itself may find nobody."""
    asked = document.experiments
    if asked is not None and asked.practice and document.failover.automation is not Automation.AUTOMATIC:
        allowed = "with failover.automation: automatic only: with any other somebody must be there"
        path = ("experiments", "practice")
        yield Finding(path, "a list", allowed, "remove it, and start experiments by hand")


def _minute(weekday: Weekday, at: str) -> int:
    """Return the minute of the week."""
    hour, minute = map(int, at.split(":"))
    return (list(Weekday).index(weekday) * 24 + hour) * 60 + minute
