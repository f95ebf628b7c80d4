"""A practice: a fault that is injected on purpose and by the clock, where nothing else is going on.

Whatever could be a reason not to is one: an incident, a pause, a move, a deployment, maintenance, a region that some
observer holds for ill, another experiment. What cannot be read is a reason too: the store's error ends the function,
and nothing has been started.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from failover.decision.maintenance import in_maintenance
from failover.ports import Ports
from failover.ports.experiments import Experiments
from failover.records import Health, JournalEntry, Phase, WordKind
from failover.topology import Topology

BEGUN, PUT_OFF = "PRACTICE_BEGUN", "PRACTICE_PUT_OFF"
WORDS: Final = {
    WordKind.DEPLOYING: "is being deployed",
    WordKind.ADVISORY: "AWS Health speaks of",
    WordKind.ACKNOWLEDGED: "is in somebody's hands",
}


@dataclass(frozen=True, slots=True)
class Practice:
    """What is due: an experiment by its name, its template, and the schedule's own time, which names this one run."""

    name: str
    template: str
    due: str

    @classmethod
    def parse(cls, event: Mapping[str, Any]) -> Self:
        """Read what the schedule says; raises ``KeyError`` where it says less."""
        return cls(event["experiment"], event["template"], event["due"])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a practice."""

    kind: str
    reason: str

    def as_event(self) -> dict[str, str]:
        """Return it as a function answers."""
        return {"outcome": self.kind, "reason": self.reason}


def begin_practice(ports: Ports, topology: Topology, experiments: Experiments, due: Practice) -> Outcome:
    """Start the experiment or say why not; a schedule that asks twice starts one."""
    reason = reason_against(ports, topology, experiments)
    if reason is None:
        started = experiments.start(due.template, f"{due.name}-{due.due}")
        outcome = Outcome(BEGUN, f"{due.name} begins as {started}")
    else:
        outcome = Outcome(PUT_OFF, f"{due.name} is put off: {reason}")
    ports.store.append(JournalEntry(ports.clock.now(), ports.here, outcome.kind, outcome.reason, subject=ports.here))
    return outcome


def reason_against(ports: Ports, topology: Topology, experiments: Experiments) -> str | None:
    """Return why no fault may be injected here now, or ``None``."""
    now, store = ports.clock.now(), ports.store
    return (
        _of_control(ports, topology, now)
        or (f"{ports.here} is in maintenance" if in_maintenance(topology.policy.maintenance, ports.here, now) else None)
        or next(
            (f"{WORDS[each.kind]} {each.about}" for each in store.words() if each.kind in WORDS and each.counts(now)),
            None,
        )
        or next(
            (
                f"{database.name} is {phase.lower()}"
                for database in topology.databases
                if (phase := store.database(database.name).phase) is not Phase.STEADY
            ),
            None,
        )
        or _of_votes(ports, topology, now)
        or next((f"the experiment {each} is under way" for each in experiments.running()), None)
    )


def _of_control(ports: Ports, topology: Topology, now: datetime) -> str | None:
    control = ports.store.control()
    if control.incident is not None:
        return f"the incident {control.incident.id} is open"
    if control.pause is not None and control.pause.until > now:
        return f"operators have paused the control plane: {control.pause.reason}"
    if control.evacuated:
        return f"{', '.join(sorted(control.evacuated))} gets no traffic"
    since = control.last_failover_at
    if since is not None and now - since < timedelta(seconds=topology.policy.cool_down_seconds):
        return "the last failover is not long ago"
    return None


def _of_votes(ports: Ports, topology: Topology, now: datetime) -> str | None:
    """Every other observer must have just seen this region well, and nobody any region ill."""
    fresh = timedelta(seconds=topology.observation.fresh_seconds)
    votes = [each for each in ports.store.votes() if now - each.observed_at <= fresh]
    ill = sorted({each.subject for each in votes if each.health is Health.UNHEALTHY})
    if ill:
        return f"{', '.join(ill)} is not well"
    well = {each.observer for each in votes if each.subject == ports.here and each.health is Health.HEALTHY}
    blind = [each for each in topology.control_regions if each not in {*well, ports.here}]
    return f"{', '.join(blind)} does not see how {ports.here} is" if blind else None
