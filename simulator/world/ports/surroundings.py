"""What surrounds a step: requests, pages, executions, metrics and hints, and whoever may refuse."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from failover.adapters.memory import MemoryLastKnown
from failover.errors import LocalTableUnreachableError, PageNotSentError, TransientError
from failover.ports import Answer
from failover.topology import Veto
from rehearsal.form.fault_kinds import Amiss, Source
from simulator.world.executions import Executions, NotTaken
from simulator.world.gray import Gray
from simulator.world.network import NoAnswer, Refused
from simulator.world.ports.calls import Calls
from simulator.world.web import Web

T = TypeVar("T")

LOCAL_SECONDS: Final = 1.0
"""A region's own table: half a second to connect and half to answer."""

HINT_SECONDS: Final = 1.5
"""How long a metric or a hint may take to be handed over."""


@dataclass(frozen=True, slots=True)
class SimHttp:
    """``ports.Http``: requests from a region's functions."""

    here: str
    web: Web

    def get(self, urls: Sequence[str], timeout_seconds: float) -> Mapping[str, Answer]:
        """As the port."""
        return self.web.get(self.here, urls, timeout_seconds)


@dataclass(frozen=True, slots=True)
class SimPager:
    """``ports.Pager``: SNS in the region itself."""

    calls: Calls

    def page(self, subject: str, text: str) -> None:  # noqa: ARG002 - that it was sent is what counts here
        """As the port."""
        calls = self.calls
        try:
            calls.ask(
                calls.here,
                "sns",
                "Publish",
                lambda: calls.recorder.page(calls.kernel.now, calls.here, subject),
            )
        except (NoAnswer, Refused) as exc:
            raise PageNotSentError(f"SNS in {calls.here} did not take a page: {exc}") from exc


@dataclass(frozen=True, slots=True)
class SimMachines:
    """``ports.Machines``: Step Functions in the region itself."""

    calls: Calls
    executions: Executions

    def start(self, machine: str, name: str, document: Mapping[str, Any]) -> str:
        """As the port."""
        here = self.calls.here
        try:
            self.calls.ask(
                here, "stepfunctions", "StartExecution", lambda: self.executions.start(here, machine, name, document)
            )
        except NotTaken:
            return name
        except (NoAnswer, Refused) as exc:
            raise TransientError(f"Step Functions in {here} did not start {name}: {exc}") from exc
        return name


@dataclass(slots=True)
class SimTelemetry:
    """``ports.Telemetry``: points and hints, handed over when they are flushed."""

    calls: Calls
    put_points: Callable[[str, list[tuple[str, str, float]]], None]
    put_hint: Callable[[str, str, str], None]
    _points: list[tuple[str, str, float]] = field(default_factory=list)
    _hints: list[tuple[str, str]] = field(default_factory=list)

    def region_seen(self, subject: str, *, unhealthy: bool) -> None:
        """As the port."""
        self._points.append(("RegionUnhealthy", subject, float(unhealthy)))

    def heartbeat(self, who: str) -> None:
        """As the port."""
        self._points.append((f"{who.capitalize()}Heartbeat", self.calls.here, 1.0))

    def failsafe(self, database: str, refusals: Mapping[str, str]) -> None:  # noqa: ARG002 - one metric for all
        """As the port."""
        self._points.append(("FailsafeRefused" if refusals else "FailsafeExtended", self.calls.here, 1.0))

    def lease_refused(self, database: str, reason: str) -> None:  # noqa: ARG002 - one metric for all
        """As the port."""
        self._points.append(("LeaseRefused", self.calls.here, 1.0))

    def incident_stands(self, seconds: float) -> None:
        """As the port; nothing here reads it."""

    def recovered(self, subject: str, seconds: float) -> None:
        """As the port; nothing here reads it."""

    def loss_bounded(self, database: str, seconds: float) -> None:
        """As the port; nothing here reads it."""

    def wake(self, subject: str, reason: str) -> None:
        """As the port."""
        self._hints.append((subject, reason))

    def flush(self) -> None:
        """As the port: what cannot be handed over is lost."""
        here, points, hints = self.calls.here, self._points, self._hints
        self._points, self._hints = [], []

        def put_hints() -> None:
            for subject, reason in hints:
                self.put_hint(here, subject, reason)

        with suppress(NoAnswer, Refused):
            if hints:
                self.calls.ask(here, "eventbridge", "PutEvents", put_hints, seconds=HINT_SECONDS)
        with suppress(NoAnswer, Refused):
            if points:
                self.calls.ask(
                    here, "cloudwatch", "PutMetricData", lambda: self.put_points(here, points), seconds=HINT_SECONDS
                )


@dataclass(frozen=True, slots=True)
class SimVeto:
    """``ports.VetoHook``; whatever goes wrong on the way is silence."""

    calls: Calls
    refusal: Callable[[], str | None]

    def ask(self, veto: Veto, question: Mapping[str, Any]) -> str | None:  # noqa: ARG002 - who is asked knows its answer
        """As the port."""
        with suppress(NoAnswer, Refused):
            return self.calls.ask(self.calls.here, "lambda", "Invoke", self.refusal, seconds=veto.seconds)
        return None


class SimLastKnown:
    """``ports.LastKnown`` of a region, in its own table; it may keep or tell what is not so."""

    def __init__(self, calls: Calls, gray: Gray, kept: MemoryLastKnown) -> None:
        self._calls, self._gray, self._kept = calls, gray, kept

    def remember(self, evacuated: Mapping[str, str]) -> None:
        """As the port, unless it keeps what it has."""
        if not self._gray.lies(Source.LAST_KNOWN, self._calls.here, Amiss.STALE):
            self._ask("PutItem", lambda: self._kept.remember(evacuated))

    def evacuated(self) -> Mapping[str, str]:
        """As the port, unless it has forgotten."""
        known = self._ask("GetItem", self._kept.evacuated)
        return {} if self._gray.lies(Source.LAST_KNOWN, self._calls.here, Amiss.WRONG) else known

    def _ask(self, action: str, act: Callable[[], T]) -> T:
        calls, here = self._calls, self._calls.here
        calls.kernel.sleep(self._gray.late(Source.LAST_KNOWN, here))
        try:
            return calls.ask(here, "dynamodb", action, act, seconds=LOCAL_SECONDS, writes=action == "PutItem")
        except (NoAnswer, Refused) as exc:
            raise LocalTableUnreachableError(f"the table of {here}: {exc}") from exc
