"""Pages, executions and metrics, kept to be looked at."""

from collections.abc import Mapping
from typing import Any

from failover.topology import Veto


class MemoryPager:
    """``ports.Pager``."""

    def __init__(self) -> None:
        self.pages: list[tuple[str, str]] = []

    def page(self, subject: str, text: str) -> None:
        self.pages.append((subject, text))


class MemoryMachines:
    """``ports.Machines``; an execution of the same name is started once."""

    def __init__(self) -> None:
        self.started: dict[str, tuple[str, Mapping[str, Any]]] = {}

    def start(self, machine: str, name: str, document: Mapping[str, Any]) -> str:
        self.started.setdefault(name, (machine, document))
        return f"memory:{machine}:{name}"


class MemoryVeto:
    """``ports.VetoHook``; ``refusal`` is the test's to set."""

    def __init__(self) -> None:
        self.refusal: str | None = None
        self.asked: list[Mapping[str, Any]] = []

    def ask(self, veto: Veto, question: Mapping[str, Any]) -> str | None:
        self.asked.append(question)
        return self.refusal if veto.function_arn is not None else None


class MemoryTelemetry:
    """``ports.Telemetry``."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, bool]] = []
        self.heartbeats: list[str] = []
        self.woken: list[tuple[str, str]] = []
        self.failsafes: list[tuple[str, dict[str, str]]] = []
        self.refused: list[tuple[str, str]] = []
        self.stands: list[float] = []
        self.recoveries: list[tuple[str, float]] = []
        self.bounds: list[tuple[str, float]] = []

    def region_seen(self, subject: str, *, unhealthy: bool) -> None:
        self.seen.append((subject, unhealthy))

    def heartbeat(self, who: str) -> None:
        self.heartbeats.append(who)

    def failsafe(self, database: str, refusals: Mapping[str, str]) -> None:
        self.failsafes.append((database, dict(refusals)))

    def lease_refused(self, database: str, reason: str) -> None:
        self.refused.append((database, reason))

    def incident_stands(self, seconds: float) -> None:
        self.stands.append(seconds)

    def recovered(self, subject: str, seconds: float) -> None:
        self.recoveries.append((subject, seconds))

    def loss_bounded(self, database: str, seconds: float) -> None:
        self.bounds.append((database, seconds))

    def wake(self, subject: str, reason: str) -> None:
        self.woken.append((subject, reason))

    def flush(self) -> None:
        """Nothing waits here."""
