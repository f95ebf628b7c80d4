"""How many schedules one core simulates in a second, and what one is made of."""

import time
from typing import Final

from bench.numbers import Ground, Judged, MeasurementError, Number, Table, Target, Told
from bench.surroundings import quickstart
from rehearsal.form import Scenario, parse_scenario
from simulator.campaign import Order, play_seed
from simulator.campaign.playing import play
from simulator.campaign.running import collecting_seldom

RUNS, QUICK_RUNS = 300, 30
LEAST_PER_SECOND: Final = 50.0

FAILOVER: Final = {
    "proves": "a lost region is failed over",
    "topology": "quickstart",
    "timings": {
        "probe": "2s",
        "misses": 3,
        "fresh": "10s",
        "dwell": "3s",
        "database_dwell": "5s",
        "lease": "10s",
        "margin": "1s",
        "renew": "2s",
        "ttl": "5s",
        "incident_lease": "12s",
        "bake": "3s",
    },
    "steps": [
        {"at": "0s", "fault": {"region_down": "us-east-1"}},
        {"at": "28s", "heal": "all"},
        {"at": "30s", "expect": {"incident": "closed", "invariants": "hold"}},
    ],
}


def measure(quick: bool, told: Told) -> Table:  # noqa: FBT001
    """Play one failover under many seeds, then drawn schedules, on one core."""
    order, runs = Order(quickstart()), QUICK_RUNS if quick else RUNS
    scenario = parse_scenario(FAILOVER)
    told(f"{runs} failovers of a lost region and {runs} drawn schedules, in virtual time")
    _one(order, scenario, 0)  # imports the handlers; not counted
    with collecting_seldom():
        failovers = [_one(order, scenario, seed) for seed in range(runs)]
        drawn = [_drawn(order, seed) for seed in range(runs)]
    return Table(
        "simulate",
        "schedules in virtual time",
        Ground.MODEL,
        (
            Number(
                "failovers of one of three regions, of one core",
                [1 / seconds for seconds, _, _ in failovers],
                "/s",
                Target(LEAST_PER_SECOND, Judged.MEDIAN, floor=True),
                more_is_better=True,
            ),
            Number("drawn schedules of one core", [1 / seconds for seconds, _, _ in drawn], "/s", more_is_better=True),
            Number("events of such a failover", [float(events) for _, events, _ in failovers], ""),
            Number("virtual seconds of such a failover", [virtual for _, _, virtual in failovers], "s"),
            Number("virtual seconds of a drawn schedule", [virtual for _, _, virtual in drawn], "s"),
        ),
        ("every invariant is judged after every event, and each write of the clients is accounted for in the end.",),
    )


def _one(order: Order, scenario: Scenario, seed: int) -> tuple[float, int, float]:
    began = time.perf_counter()
    outcome, _ = play(order, scenario, str(seed))
    seconds = time.perf_counter() - began
    if outcome.violation is not None or ("failover", "succeeded") not in outcome.endings:
        raise MeasurementError(f"seed {seed} is no failover: {outcome.violation}, {dict(outcome.endings)}")
    return seconds, outcome.events, outcome.virtual_seconds


def _drawn(order: Order, seed: int) -> tuple[float, int, float]:
    began = time.perf_counter()
    played = play_seed(order, seed)
    return time.perf_counter() - began, played.events, played.virtual_seconds
