"""Pages, executions and metrics, kept to be looked at."""

from collections.abc import Mapping
from typing import Any


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


class MemoryTelemetry:
    """``ports.Telemetry``."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, bool]] = []
        self.heartbeats: list[str] = []
        self.woken: list[tuple[str, str]] = []

    def region_seen(self, subject: str, *, unhealthy: bool) -> None:
        self.seen.append((subject, unhealthy))

    def heartbeat(self, who: str) -> None:
        self.heartbeats.append(who)

    def wake(self, subject: str, reason: str) -> None:
        self.woken.append((subject, reason))

    def flush(self) -> None:
        """Nothing waits here."""
