"""A region dies on the twin: how long its users wait, in parts, beside what these parts may come to."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from bench.drill_run import Drill, drill
from bench.numbers import Ground, Judged, MeasurementError, Number, Table, Target, Told
from bench.surroundings import ROOT, quickstart
from failover.topology import Topology
from rehearsal.form import read_scenario, with_timings
from rehearsal.measures import PARTS
from rehearsal.wording import MEANINGS

SCENARIO: Final = ROOT / "drills" / "region-down.yaml"
RUNS, QUICK_RUNS = 5, 1
SLACK_SECONDS: Final = 2
OWN_SHARE_SECONDS: Final = 3
MOVED_SECONDS: Final = 45
WHOLE_SECONDS: Final = 120


def measure(quick: bool, told: Told) -> Table:  # noqa: FBT001
    """Play the scenario some times, each on a clean twin."""
    runs, drills = QUICK_RUNS if quick else RUNS, list[Drill]()
    for run in range(runs):
        told(f"lifeboat drill {SCENARIO.relative_to(ROOT)}, {run + 1} of {runs}")
        drills.append(drill(SCENARIO))
        told(f"{drills[-1].report['verdict']}: RTO {drills[-1].report['rto_seconds']} s in {drills[-1].seconds:.0f} s")
    topology = with_timings(quickstart(), read_scenario(SCENARIO).timings)
    return tabulated(drills, topology)


def tabulated(drills: Sequence[Drill], topology: Topology) -> Table:
    """Return the table of the drills; those in which nobody was served again count in its remarks only.

    Raises:
        MeasurementError: there is none with users served again.
    """
    served = [each.report for each in drills if each.report["rto_seconds"] is not None]
    if not served:
        raise MeasurementError("no drill ended with the users served again; play it by hand: `make drill`")
    whole = Number("`lifeboat drill`, all of it", [each.seconds for each in drills], "s", Target(WHOLE_SECONDS))
    numbers = [*_parts(served, topology), *_bounds(served, topology), whole]
    return Table("failover", "a region dies and its users are served again", Ground.TWIN, numbers, _remarks(drills))


def unavoidable_seconds(report: Mapping[str, Any], topology: Topology) -> float:
    """Return what a failover has to wait for, whatever it does: the first four parts of its bound.

    That is: detection as it was, the dwell, what is left of the lease when the failover is decided, and PostgreSQL's
    own promotion. The lease is at most renewed in the moment of the fault, so that at most this much of it is left:
    lease and margin, less the time since.
    """
    lease, moments = topology.lease, report["moments"]
    since = moments["decided"] - (moments["decided"] if moments["fault"] is None else moments["fault"])
    left = max(0.0, lease.lease_seconds + lease.margin_seconds - since)
    detection = report["rto_parts"]["detect"] or 0.0
    return float(detection + topology.policy.database_dwell_seconds + left + promotion_seconds(report))


def promotion_seconds(report: Mapping[str, Any]) -> float:
    """Return how long PostgreSQL took from the first accepted call to the last database out of recovery.

    Where the report does not say it is 0, which makes the bound the stricter.
    """
    told = [(line["at"], line["text"]) for line in report["timeline"] if line["kind"] == "promotion"]
    asked = [at for at, text in told if text.endswith(" accepted")]
    done = [at for at, text in told if text.endswith(" is out of recovery")]
    return max(0.0, max(done) - min(asked)) if asked and done else 0.0


def _parts(served: Sequence[Mapping[str, Any]], topology: Topology) -> Iterator[Number]:
    targets = {"detect": Target(topology.targets.detection_seconds, Judged.MEDIAN)}
    for part in PARTS:
        samples = [each["rto_parts"][part] for each in served if each["rto_parts"][part] is not None]
        if samples:
            yield Number(f"{part.replace('_', ' ')}: {MEANINGS[part]}", samples, "s", targets.get(part))
    whole = [each["rto_seconds"] for each in served]
    yield Number("**RTO**: fault → everybody is served", whole, "s", Target(topology.targets.rto_seconds))


def _bounds(served: Sequence[Mapping[str, Any]], topology: Topology) -> Iterator[Number]:
    waits = [unavoidable_seconds(each, topology) for each in served]
    beyond = [each["rto_seconds"] - wait for wait, each in zip(waits, served, strict=True)]
    allowed = max(route.ttl_seconds for route in topology.routes) + SLACK_SECONDS
    yield Number("of it PostgreSQL's own promotion", [promotion_seconds(each) for each in served], "s")
    yield Number("its bound (see below)", [wait + allowed for wait in waits], "s")
    yield Number("RTO beyond detection, dwell, lease and promotion", beyond, "s", Target(allowed))
    shares = [each["control_plane_share_seconds"] for each in served if each["control_plane_share_seconds"] is not None]
    if shares:
        yield Number("the control plane's own share", shares, "s", Target(OWN_SHARE_SECONDS))
    moved = [_after_decision(each["moments"]) for each in served if each["moments"]["moved"] is not None]
    if moved:
        yield Number("decision → no client is sent to the lost region", moved, "s", Target(MOVED_SECONDS))
    lost = [float(each["rpo"]["lost"]) for each in served]
    yield Number("acknowledged writes that were lost", lost, "")


def _after_decision(moments: Mapping[str, Any]) -> float:
    """Traffic that left the lost region before the decision, since it was dead, took no time."""
    return max(0.0, float(moments["moved"] - moments["decided"]))


def _remarks(drills: Sequence[Drill]) -> list[str]:
    acknowledged = sum(each.report["rpo"]["acknowledged"] for each in drills)
    remarks = [
        f"`{SCENARIO.relative_to(ROOT)}`, each run on a twin of its own; {acknowledged:,} acknowledged writes in all.",
        "The bound of a run: its detection + dwell + what is left of lease and margin when it is decided "
        f"+ PostgreSQL's own promotion + TTL + {SLACK_SECONDS} s. It is kept when what lies beyond the first four "
        "is no more than the last two.",
    ]
    broken = [str(number) for number, each in enumerate(drills, 1) if not each.held]
    unserved = [str(number) for number, each in enumerate(drills, 1) if each.report["rto_seconds"] is None]
    if broken:
        remarks.append(f"**Expectations of the scenario broke in run {', '.join(broken)}.**")
    if unserved:
        remarks.append(f"**Nobody was served again in run {', '.join(unserved)}, which is in no number but the last.**")
    return remarks
