"""Planned moves, undoing, and an executor's death on the twin: how long each takes, from the drills that play them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bench.drill_run import Drill, drill
from bench.numbers import Ground, MeasurementError, Number, Table, Target, Told
from bench.surroundings import ROOT
from rehearsal.form import read_scenario, with_timings
from topology_document import load

DRILLS: Final = ROOT / "drills"
SWITCHOVER: Final = "switchover-under-load"
ROLLBACK: Final = "rollback-by-hand"
DEATHS: Final = (
    "executor-dies-after-shift-traffic",
    "executor-dies-after-fence-source",
    "executor-dies-after-choose-target",
    "executor-dies-after-admit-writer",
)
RUNS, QUICK_RUNS = 5, 1
WRITE_PAUSE_SECONDS: Final = 5
ROLLBACK_SECONDS: Final = 60
BEYOND_LEASE_SECONDS: Final = 5


def measure(quick: bool, told: Told) -> Table:  # noqa: FBT001
    """Play each drill some times, each on a clean twin."""
    runs = QUICK_RUNS if quick else RUNS
    moves = [_played(SWITCHOVER, told) for _ in range(runs)]
    undone = [_played(ROLLBACK, told) for _ in range(runs)]
    deaths = {name: _played(name, told) for name in DEATHS[: 1 if quick else None]}
    return tabulated(moves, undone, deaths)


def tabulated(moves: Sequence[Drill], undone: Sequence[Drill], deaths: Mapping[str, Drill]) -> Table:
    """Return the table; raises ``MeasurementError`` where a drill does not say what is measured."""
    pauses = [float(each.report["write_pause_seconds"]) for each in moves]
    beyond = [takeover_seconds(each.report) - _incident_lease(name) for name, each in deaths.items()]
    lost = [float(each.report["rpo"]["lost"]) for each in moves]
    numbers = [
        Number("switchover: the longest time without an acknowledged write", pauses, "s", Target(WRITE_PAUSE_SECONDS)),
        Number("switchover: acknowledged writes that were lost", lost, "", Target(0)),
        Number(
            "rollback: asked for → leases and traffic given back",
            [rollback_seconds(each.report) for each in undone],
            "s",
            Target(ROLLBACK_SECONDS),
        ),
        Number(
            "takeover: the executor's region dies → the next term begins, beyond the incident's lease",
            beyond,
            "s",
            Target(BEYOND_LEASE_SECONDS),
        ),
    ]
    return Table("moves", "planned moves, rollback, takeover", Ground.TWIN, numbers, _remarks(moves, undone, deaths))


def rollback_seconds(report: Mapping[str, Any]) -> float:
    """Return the time from the operator's request to the write that closes the undone incident."""
    asked = _first(report, "operator start_execution machine=rollback")
    return _first(report, "compensated") - asked


def takeover_seconds(report: Mapping[str, Any]) -> float:
    """Return the time from the executing region's death, as the sampler saw it, to the next term."""
    taken = _first(report, "taken over")
    deaths = [line["at"] for line in report["timeline"] if line["text"] == "is down" and line["at"] < taken]
    if not deaths:
        raise MeasurementError(f"{report['scenario']}: no region died before the takeover")
    return float(taken - max(deaths))


def _first(report: Mapping[str, Any], text: str) -> float:
    for line in sorted(report["timeline"], key=lambda each: float(each["at"])):
        if line["text"].startswith(text):
            return float(line["at"])
    raise MeasurementError(f"{report['scenario']}: its timeline has no {text!r}; play it by hand: `lifeboat drill`")


def _incident_lease(name: str) -> float:
    scenario = read_scenario(DRILLS / f"{name}.yaml")
    topology = with_timings(load(ROOT / "topologies" / f"{scenario.topology}.yaml"), scenario.timings)
    return topology.policy.incident_lease_seconds


def _played(name: str, told: Told) -> Drill:
    told(f"lifeboat drill drills/{name}.yaml")
    played = drill(DRILLS / f"{name}.yaml")
    told(f"{played.report['verdict']} in {played.seconds:.0f} s")
    return played


def _remarks(moves: Sequence[Drill], undone: Sequence[Drill], deaths: Mapping[str, Drill]) -> list[str]:
    remarks = [
        f"`drills/{SWITCHOVER}.yaml`, `drills/{ROLLBACK}.yaml` and {len(deaths)} of "
        "`drills/executor-dies-after-*.yaml`, "
        "each run on a twin of its own, with the scenarios' scaled timings.",
        "With few runs the worst one stands for the 95th percentile.",
    ]
    broken = sum(not each.held for each in (*moves, *undone, *deaths.values()))
    if broken:
        remarks.append(f"**Expectations broke in {broken} of these runs.**")
    return remarks
