"""A dry run: what a request would do, step by step, from everything that it would read, and nothing written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from failover.decision import Candidate
from failover.errors import LifeboatError
from failover.ports import Ports
from failover.procedures.candidates import candidates
from failover.procedures.requests import Machine, Request
from failover.records import DatabaseRecord
from failover.topology import Engine, Topology, digest

STEP_SECONDS: Final = 0.3
"""A step that reads and writes the store: at most this on the twin, a cold start aside."""

EXPECTED_PROMOTION_SECONDS: Final = {
    Engine.RDS_POSTGRES: 180.0,
    Engine.AURORA_POSTGRES: 45.0,
    Engine.SELF_MANAGED_POSTGRES: 1.0,
}
"""What to expect of each engine: the medians of docs/latencies.md, in seconds, of which `lifeboat plan` reckons too."""

REBUILD_SECONDS: Final = {
    Engine.RDS_POSTGRES: 3600.0,
    Engine.AURORA_POSTGRES: 1800.0,
    Engine.SELF_MANAGED_POSTGRES: 300.0,
}
"""For planning only: a rebuild takes as long as the data is large."""


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One state of a machine as a dry run tells it.

    ``each`` says for what it is done once: the incident, each ``database`` or each ``cache``. ``takes`` names what it
    waits for, where that is more than the store.
    """

    state: str
    each: str = "incident"
    takes: str = "step"
    irreversible: bool = False


STOPPING: Final = (
    PlannedStep("RevokeLease", "database"),
    PlannedStep("FenceSource", "database"),
    PlannedStep("AwaitLease", "database", "lease"),
)
MOVING: Final = (
    PlannedStep("ChooseTarget", irreversible=True),
    PlannedStep("PromoteDatabase", "database", "promotion", irreversible=True),
    PlannedStep("AdmitWriter", "database"),
)
ENDING: Final = (PlannedStep("CloseIncident"), PlannedStep("AnnounceOutcome"))
ASKING: Final = (PlannedStep("OpenIncident"), PlannedStep("AskVeto", takes="veto"))

PLANS: Final[Mapping[Machine, tuple[PlannedStep, ...]]] = {
    Machine.FAILOVER: (
        *ASKING,
        PlannedStep("PrepareCapacity"),
        PlannedStep("ShiftTraffic"),
        *STOPPING,
        *MOVING,
        PlannedStep("PromoteCache", "cache", "cache"),
        PlannedStep("CheckReplication"),
        PlannedStep("VerifyTarget"),
        PlannedStep("VerifyTraffic", takes="checkers"),
        *ENDING,
    ),
    Machine.DATABASE_FAILOVER: (*ASKING, *STOPPING, *MOVING, PlannedStep("VerifyTarget"), *ENDING),
    Machine.SWITCHOVER: (
        *ASKING,
        PlannedStep("CheckReadiness"),
        PlannedStep("PrepareCapacity"),
        PlannedStep("RevokeLease", "database"),
        PlannedStep("FenceSource", "database"),
        *MOVING,
        PlannedStep("PromoteCache", "cache", "cache"),
        PlannedStep("CheckReplication"),
        PlannedStep("VerifyTarget"),
        PlannedStep("ShiftTraffic"),
        PlannedStep("VerifyTraffic", takes="bake"),
        *ENDING,
    ),
    Machine.FAILBACK: (
        PlannedStep("OpenIncident"),
        PlannedStep("ArchiveTail", "database", "archive"),
        PlannedStep("RejoinDatabase", "database", irreversible=True),
        PlannedStep("AwaitReplica", "database", "rebuild"),
        PlannedStep("ReturnTraffic"),
        *ENDING,
    ),
    Machine.ROLLBACK: (
        PlannedStep("OpenIncident"),
        PlannedStep("WeighFailure"),
        PlannedStep("RegrantLease", "database"),
        PlannedStep("ClearEvacuation"),
        PlannedStep("AnnounceOutcome"),
    ),
}


def plan_of(ports: Ports, topology: Topology, request: Request, records: Sequence[DatabaseRecord]) -> dict[str, Any]:
    """Return the steps in order with expected seconds, what is irreversible, and each database's loss bound."""
    moving = [record for record in records if record.name in request.databases]
    weighed = {record.name: _weighed(ports, topology, request, record) for record in moving}
    steps = [each for step in PLANS[request.machine] for each in _told(step, ports, topology, request, moving)]
    return {
        "machine": str(request.machine),
        "subject": request.subject,
        "topology_digest": digest(topology),
        "databases": weighed,
        "steps": steps,
        "expected_seconds": round(sum(each["expected_seconds"] for each in steps), 1),
        "irreversible_from": next((each["step"] for each in steps if each["irreversible"]), None),
    }


def _told(
    step: PlannedStep, ports: Ports, topology: Topology, request: Request, moving: Sequence[DatabaseRecord]
) -> list[dict[str, Any]]:
    """What is done for several databases is done beside each other: the slowest counts."""
    if step.each == "database" and not moving:
        return []
    if step.each == "cache" and not topology.caches:
        return []
    if step.state == "ShiftTraffic" and not request.evacuate:
        return []
    seconds = max((_seconds(step, ports, topology, record) for record in moving), default=STEP_SECONDS)
    told: dict[str, Any] = {"step": step.state, "expected_seconds": seconds, "irreversible": step.irreversible}
    if step.each == "database":
        told["databases"] = [record.name for record in moving]
    return [told]


def _seconds(step: PlannedStep, ports: Ports, topology: Topology, record: DatabaseRecord) -> float:
    engine, lease = topology.database(record.name).engine, topology.lease
    match step.takes:
        case "promotion":
            return EXPECTED_PROMOTION_SECONDS[engine]
        case "rebuild":
            return REBUILD_SECONDS[engine]
        case "lease":
            return 0.0 if _answers(ports, record) else lease.lease_seconds + lease.margin_seconds
        case "veto":
            return topology.policy.veto.seconds if topology.policy.veto else 0.0
        case "bake":
            return topology.policy.bake_seconds
        case "cache" | "archive":
            return 60.0
        case "checkers":
            return 10.0
    return STEP_SECONDS


def _answers(ports: Ports, record: DatabaseRecord) -> bool:
    """Whether the source can be fenced, as far as one question tells."""
    try:
        ports.agent.describe(record.name, record.writer)
    except LifeboatError:
        return False
    return True


def _weighed(ports: Ports, topology: Topology, request: Request, record: DatabaseRecord) -> dict[str, Any]:
    if request.machine in (Machine.FAILBACK, Machine.ROLLBACK):
        return {"writer": record.writer, "epoch": record.epoch, "phase": record.phase}
    found = candidates(ports, topology, record, ports.store.control(), tuple(ports.store.votes()))
    fit = [each for each in found if not each.refused and request.target in (None, each.region)]
    best: Candidate | None = fit[0] if fit else None
    return {
        "writer": record.writer,
        "epoch": record.epoch,
        "target": best.region if best else None,
        "loss_bound_seconds": best.loss_seconds if best else None,
        "within_rpo": best is not None
        and best.loss_seconds is not None
        and best.loss_seconds <= topology.database(record.name).rpo_seconds,
        "refused": {each.region: each.refused for each in found if each.refused},
    }
