"""What Route 53 makes of its checkers' findings; no clock and no network in it.

Source of the rules: Route 53 Developer Guide, "How Route 53 determines whether a health check is healthy",
and the API's ``HealthCheckConfig``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from twin.dns.health.configuration import CheckType, HealthCheck, InsufficientData

HEALTHY_SHARE: Final = 0.18
"""An endpoint is healthy while more than this share of the checkers say so."""

AlarmState = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Report:
    """A checker's last result, when (Unix seconds) it was had, and why."""

    at: float
    passed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Checker:
    """One checker's opinion of one endpoint, and how many results in a row contradict it.

    A new checker holds the endpoint healthy.
    """

    healthy: bool = True
    contradictions: int = 0
    report: Report | None = None

    def seeing(self, report: Report, threshold: int) -> "Checker":
        """Return the opinion after one more result; it turns after ``threshold`` contradictions in a row."""
        contradictions = 0 if report.passed == self.healthy else self.contradictions + 1
        if contradictions >= threshold:
            return Checker(report.passed, 0, report)
        return Checker(self.healthy, contradictions, report)


@dataclass(frozen=True, slots=True)
class HealthChange:
    """A health check's status changed; ``at`` in Unix seconds."""

    at: float
    check: str
    healthy: bool
    reason: str


class Statuses:
    """The status of every health check.

    ``alarm_state`` gives a CloudWatch alarm's state by name and region: ``OK``, ``ALARM`` or
    ``INSUFFICIENT_DATA``. Not for several threads.
    """

    def __init__(self, checkers: int, alarm_state: AlarmState) -> None:
        self._count = checkers
        self._alarm_state = alarm_state
        self._checks: dict[str, HealthCheck] = {}
        self._checkers: dict[str, dict[int, Checker]] = {}
        self._last_alarm: dict[str, bool] = {}
        self._told: dict[str, bool] = {}

    def replace(self, checks: Mapping[str, HealthCheck]) -> None:
        """Take the checks as they are configured now; those that stay keep what was found."""
        self._checks = dict(checks)
        for kept in (self._checkers, self._last_alarm, self._told):
            for gone in [check for check in kept if check not in checks]:
                del kept[gone]

    def seen(self, check: str, checker: int, report: Report) -> None:
        """Take one result of one checker (numbers from 1); of a check that is gone, nothing."""
        if check not in self._checks:
            return
        checkers = self._checkers.setdefault(check, {})
        threshold = self._checks[check].failure_threshold
        checkers[checker] = checkers.get(checker, Checker()).seeing(report, threshold)

    def healthy(self, check: str) -> bool:
        """Return a check's status now.

        A check that does not exist is healthy: AWS does not say what becomes of its records.
        """
        return self._healthy(check, ())

    def reports(self, check: str) -> dict[int, Report]:
        """Return the last result of each checker that has one."""
        checkers = self._checkers.get(check, {}).items()
        return {number: checker.report for number, checker in checkers if checker.report is not None}

    def changes(self, at: float) -> Iterable[HealthChange]:
        """Return what changed since the last call; a new check is told with its first status."""
        changed = []
        for check in self._checks:
            healthy = self.healthy(check)
            if self._told.get(check) != healthy:
                reason = "new" if check not in self._told else self._reason(check)
                self._told[check] = healthy
                changed.append(HealthChange(at, check, healthy, reason))
        return changed

    def _healthy(self, check: str, above: tuple[str, ...]) -> bool:
        configured = self._checks.get(check)
        if configured is None or check in above:
            return True
        # Disabling makes it healthy before it is inverted: so both together take traffic away by hand.
        healthy = configured.disabled or self._found(check, configured, above)
        return healthy != configured.inverted

    def _found(self, check: str, configured: HealthCheck, above: tuple[str, ...]) -> bool:
        match configured.type:
            case CheckType.CALCULATED:
                healthy = sum(self._healthy(child, (*above, check)) for child in configured.children)
                return healthy >= configured.health_threshold
            case CheckType.CLOUDWATCH_METRIC:
                return self._alarm(check, configured)
            case _:
                opinions = self._checkers.get(check, {})
                healthy = sum(opinions.get(number, Checker()).healthy for number in range(1, self._count + 1))
                return healthy / self._count > HEALTHY_SHARE

    def _alarm(self, check: str, configured: HealthCheck) -> bool:
        state = self._alarm_state(*configured.alarm)
        if state in ("OK", "ALARM"):
            self._last_alarm[check] = state == "OK"
        elif configured.insufficient_data is not InsufficientData.LAST_KNOWN:
            return configured.insufficient_data is InsufficientData.HEALTHY
        return self._last_alarm.get(check, True)

    def _reason(self, check: str) -> str:
        configured = self._checks[check]
        if configured.disabled:
            return "disabled"
        if configured.type is CheckType.CALCULATED:
            states = (f"{child}={'healthy' if self.healthy(child) else 'unhealthy'}" for child in configured.children)
            return f"children: {', '.join(states)}"
        if configured.type is CheckType.CLOUDWATCH_METRIC:
            return f"alarm {configured.alarm[0]}: {self._alarm_state(*configured.alarm)}"
        reports = self.reports(check).values()
        return max(reports, key=lambda report: report.at).reason if reports else "not checked"
