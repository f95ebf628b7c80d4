"""Checks of what may happen without a person: waits that leave each other room, windows, and who may refuse."""

from collections.abc import Iterator
from typing import Final

from topology_document.compilation import database_dwell_seconds
from topology_document.document import TopologyDocument
from topology_document.findings import Finding, did_you_mean, listed, shown

STEP_SECONDS: Final = 15
"""The time limit of a step (``commands.budgets``): so long it may be silent, beside what it waits for."""


def databases_wait_longest(document: TopologyDocument) -> Iterator[Finding]:
    """A promotion cannot be taken back: it never comes before the traffic's move."""
    failover = document.failover
    written = failover.database_dwell_seconds
    if written is not None and written < failover.dwell_seconds:
        allowed = f"at least failover.dwell_seconds, which is {shown(failover.dwell_seconds)}"
        fix = f"write database_dwell_seconds: {shown(failover.dwell_seconds)}, or remove it"
        yield Finding(("failover", "database_dwell_seconds"), shown(written), allowed, fix)


def flapping_waits_longer(document: TopologyDocument) -> Iterator[Finding]:
    """A flapping region must be down for longer than one that is simply down, or the rule says nothing."""
    written, dwell = document.failover.flapping_dwell_seconds, database_dwell_seconds(document)
    if written is not None and written < dwell:
        allowed = f"at least failover.database_dwell_seconds, which is {shown(dwell)}"
        fix = f"write flapping_dwell_seconds: {shown(5 * dwell)}, or remove it"
        yield Finding(("failover", "flapping_dwell_seconds"), shown(written), allowed, fix)


def executor_outlives_its_waits(document: TopologyDocument) -> Iterator[Finding]:
    """A machine that waits gives no sign of life, and must not be taken for dead while it does."""
    failover = document.failover
    veto = failover.veto.seconds + STEP_SECONDS if failover.veto else 0
    waits = {"twice failover.bake_seconds": 2 * failover.bake_seconds, "failover.veto.seconds and a step's time": veto}
    what, least = max(waits.items(), key=lambda each: each[1])
    if failover.incident_lease_seconds < least:
        allowed = f"at least {what}, which is {shown(float(least))}"
        fix = f"write incident_lease_seconds: {shown(float(least))}, or a shorter wait"
        yield Finding(
            ("failover", "incident_lease_seconds"), shown(float(failover.incident_lease_seconds)), allowed, fix
        )


def one_who_may_refuse(document: TopologyDocument) -> Iterator[Finding]:
    """A veto comes from a function or over an event bus: of two, it would be unclear whose word counts."""
    veto = document.failover.veto
    if veto is not None and (veto.function_arn is None) is (veto.event_bus is None):
        got = "neither function_arn nor event_bus" if veto.function_arn is None else "function_arn and event_bus"
        fix = "write one, such as event_bus: default" if veto.function_arn is None else "remove one of them"
        yield Finding(("failover", "veto"), got, "exactly one of function_arn and event_bus", fix)


def windows_of_declared_regions(document: TopologyDocument) -> Iterator[Finding]:
    """A maintenance window is for a region of the product, or for all."""
    for window in document.failover.maintenance:
        if window.region is not None and window.region not in document.regions:
            allowed = f"one of the regions: {listed(document.regions)}"
            fix = did_you_mean(window.region, document.regions, "remove region, and it is for every one")
            yield Finding(("failover", "maintenance", "region"), shown(window.region), allowed, fix)
