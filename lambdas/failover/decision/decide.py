"""The decision: pure, total, and always with the rule that made it."""

from dataclasses import dataclass, field
from datetime import datetime

from failover.decision.facts import Facts, extent_in, regions_that_stay
from failover.decision.rules import RULES, Action
from failover.decision.snapshot import Snapshot
from failover.decision.targets import best_targets, loss_told, refusals
from failover.decision.trouble import Trouble
from failover.decision.voices import Quorum
from failover.topology import Automation, Region


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about one region, and why.

    ``databases`` are those that would move, ``machine`` is the state machine for it, and ``approval`` says whether
    a person must be asked first (``REQUIRED``) or not (``NONE``). ``targets`` say where they would move and what
    would be lost; ``refusals`` say why it is no other one, and why no traffic may go to a region.
    """

    subject: str
    rule: str
    action: Action
    reason: str
    databases: tuple[str, ...]
    quorum: Quorum = Quorum.UNKNOWN
    machine: str = "failover"
    approval: str = "NONE"
    targets: dict[str, str] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)


def decide(snapshot: Snapshot, now: datetime) -> Decision:
    """Return what the first rule of the table that speaks for this snapshot says."""
    facts = Facts.of(snapshot, now)
    rule = next(rule for rule in RULES if rule.when.hold(facts))  # the last row always matches
    if facts.quorum is not Quorum.DOWN:
        return Decision(snapshot.subject, rule.id, rule.action, rule.reason, snapshot.written_here, facts.quorum)
    moving = extent_in(snapshot, now).moving
    targets = best_targets(snapshot.topology, moving, snapshot.candidates)
    return Decision(
        snapshot.subject,
        rule.id,
        rule.action,
        rule.reason,
        moving,
        facts.quorum,
        machine="database_failover" if facts.trouble is Trouble.DATABASE else "failover",
        approval="REQUIRED" if facts.automation is Automation.APPROVE else "NONE",
        targets={name: f"{target.region}, losing {loss_told(target)}" for name, target in targets.items() if target},
        refusals={**_closed(snapshot, facts, now), **refusals(snapshot.candidates, targets)},
    )


def _closed(snapshot: Snapshot, facts: Facts, now: datetime) -> dict[str, str]:
    """Return why the subject's traffic may not go to a region; of no interest where it stays."""
    if facts.trouble is not Trouble.REGION:
        return {}
    staying = regions_that_stay(snapshot, now)
    return {
        f"traffic in {region.name}": _why_closed(snapshot, region)
        for region in snapshot.topology.regions
        if region.name not in (snapshot.subject, *staying)
    }


def _why_closed(snapshot: Snapshot, region: Region) -> str:
    zone = snapshot.topology.region(snapshot.subject).zone
    if region.zone != zone:
        return f"outside the residency zone {zone}"
    evacuated = snapshot.control.evacuated
    return f"evacuated by {evacuated[region.name]}" if region.name in evacuated else "down, the observers say"
