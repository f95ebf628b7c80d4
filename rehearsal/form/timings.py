"""A scenario's own times, in the place of its topology's."""

from dataclasses import replace
from typing import Any

from pydantic import Field

from failover.topology import Automation, Topology
from rehearsal.form.durations import Duration
from rehearsal.form.entries import Entry


class Timings(Entry):
    """Times of the topology that this scenario plays with others, and how far automation goes.

    Each is the topology's where not said.
    """

    probe: Duration | None = None
    timeout: Duration | None = None
    misses: int | None = Field(default=None, ge=1)
    fresh: Duration | None = None
    dwell: Duration | None = None
    database_dwell: Duration | None = None
    flapping_dwell: Duration | None = None
    cool_down: Duration | None = None
    incident_lease: Duration | None = None
    approval: Duration | None = None
    consent: Duration | None = None
    bake: Duration | None = None
    lease: Duration | None = None
    margin: Duration | None = None
    renew: Duration | None = None
    ttl: Duration | None = None
    rpo: Duration | None = None
    latency_threshold: Duration | None = None
    flaps: int | None = Field(default=None, ge=1)
    flap_window: Duration | None = None
    automation: Automation | None = None


def with_timings(topology: Topology, timings: Timings) -> Topology:
    """Return the topology with a scenario's times in the place of its own."""

    def said(**names: str) -> dict[str, Any]:
        pairs = {field: getattr(timings, name) for field, name in names.items()}
        return {field: value for field, value in pairs.items() if value is not None}

    rpo: dict[str, Any] = {field: round(value) for field, value in said(rpo_seconds="rpo").items()}
    ttl: dict[str, Any] = {field: round(value) for field, value in said(ttl_seconds="ttl").items()}
    observation = said(
        probe_seconds="probe",
        timeout_seconds="timeout",
        misses="misses",
        fresh_seconds="fresh",
        latency_threshold_seconds="latency_threshold",
        flaps="flaps",
        flap_window_seconds="flap_window",
    )
    policy = said(
        automation="automation",
        dwell_seconds="dwell",
        database_dwell_seconds="database_dwell",
        flapping_dwell_seconds="flapping_dwell",
        cool_down_seconds="cool_down",
        incident_lease_seconds="incident_lease",
        approval_seconds="approval",
        consent_seconds="consent",
        bake_seconds="bake",
    )
    lease = said(lease_seconds="lease", margin_seconds="margin", renew_seconds="renew")
    return replace(
        topology,
        observation=replace(topology.observation, **observation),
        lease=replace(topology.lease, **lease),
        policy=replace(topology.policy, **policy),
        targets=replace(topology.targets, **rpo),
        routes=tuple(replace(each, **ttl) for each in topology.routes),
        databases=tuple(replace(each, **rpo) for each in topology.databases),
    )
