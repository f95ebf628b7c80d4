"""What the control plane's own work costs while nothing happens: it probes, renews, answers checkers and keeps warm.

The numbers are its own timings times what AWS takes for each; the free tiers are not taken off.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from costs.resources import HOURS, Use
from failover.topology import DatasetKind, Topology

MONTH_SECONDS: Final = HOURS * 3600
MILLION: Final = 1_000_000
GUARD_LIVES_SECONDS: Final = 150
HEARTBEAT_SECONDS: Final = 20
"""A guard hands over its heartbeat no more often."""
ALWAYS_ON_GB: Final = 0.25
STEP_GB: Final = 1.7275
CHECKERS: Final = 6
"""Route 53's checkers that ask one check's endpoint, each once in its interval: two from each of three regions."""
CHECK_SECONDS: Final = 10
LEVER_SECONDS: Final = 0.01
PING_SECONDS: Final = 0.05
"""What an answered check and an answered ping take of a warm function; taken, not measured on AWS."""
PING_LOG_BYTES: Final = 700
RENEWAL_UNITS: Final = 3
"""The item of a database with thirty positions is 2 to 3 KB."""
STORE_COPIES: Final = 3


@dataclass(frozen=True, slots=True)
class Work:
    """Something that a region does all the time, and what it uses in a month."""

    region: str
    what: str
    use: Use


def at_rest(topology: Topology, steps: int) -> Iterator[Work]:
    """Yield the work of each region; ``steps`` are the functions of a control region that are kept warm."""
    for region in topology.control_regions:
        for what, price, quantity in _control(topology, region, steps):
            yield Work(region, what, Use(price, quantity))
    for region in topology.aws_regions:
        if any(region in database.regions for database in topology.databases):
            for what, price, quantity in _guard(topology):
                yield Work(region, what, Use(price, quantity))
    yield from _writes(topology)


def _control(topology: Topology, region: str, steps: int) -> Iterator[tuple[str, str, float]]:
    rules, others = topology.observation, len([each for each in topology.region_names if each != region])
    alive = rules.run_seconds / 60
    yield "the prober's time", "function time", ALWAYS_ON_GB * alive * MONTH_SECONDS
    told = (rules.run_seconds / rules.probe_seconds - rules.misses) * MONTH_SECONDS / 60
    yield "the prober's and the decision's metrics", "metric call", (told + MONTH_SECONDS / 60) / MILLION
    # One for each region that is seen; heartbeats of prober and decision; the age of an incident; four steps' outcomes.
    yield "metrics", "metric", others + 2 + 1 + 4
    pings = steps * MONTH_SECONDS / 60
    yield "pings that keep the steps warm", "function time", pings * PING_SECONDS * STEP_GB
    yield "pings' calls", "function calls", pings / MILLION
    yield "pings' logs", "logs", pings * PING_LOG_BYTES / 1024**3
    asked = len(topology.region_names) * CHECKERS * MONTH_SECONDS / CHECK_SECONDS
    yield "answers to the levers' checkers", "http api", asked / MILLION
    yield "the lever's calls", "function calls", asked / MILLION
    yield "the lever's time", "function time", asked * LEVER_SECONDS * STEP_GB
    looks = alive * MONTH_SECONDS / rules.probe_seconds * 2
    yield "looks at the store", "table reads", (looks + pings * 2) / MILLION


def _guard(topology: Topology) -> Iterator[tuple[str, str, float]]:
    rounds = GUARD_LIVES_SECONDS / 60 * MONTH_SECONDS / topology.lease.renew_seconds
    yield "the guard's time", "function time", ALWAYS_ON_GB * GUARD_LIVES_SECONDS / 60 * MONTH_SECONDS
    yield "the guard's metrics", "metric call", GUARD_LIVES_SECONDS / 60 * MONTH_SECONDS / HEARTBEAT_SECONDS / MILLION
    yield "the guard's metric", "metric", 1
    yield "the guard's looks at the store", "table reads", rounds * len(topology.databases) / MILLION


def _writes(topology: Topology) -> Iterator[Work]:
    """Renewals and votes, of which each copy of the store is billed; they are put down to the store's first region."""
    leased = [each for each in topology.databases if each.kind is not DatasetKind.MULTI]
    renewals = len(leased) * MONTH_SECONDS / topology.lease.renew_seconds * RENEWAL_UNITS
    votes = (
        len(topology.control_regions)
        * len(topology.region_names)
        * 2
        * MONTH_SECONDS
        / max(1.0, topology.observation.fresh_seconds / 2)
    )
    first = topology.quorum.replicas[0]
    yield Work(first, "renewals and votes", Use("table writes", (renewals + votes) * STORE_COPIES / MILLION))
