"""A health check's configuration, from Route 53's ``HealthCheckConfig``."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class CheckType(StrEnum):
    """Route 53's types of health checks that the twin emulates."""

    HTTP = "HTTP"
    HTTPS = "HTTPS"
    HTTP_STR_MATCH = "HTTP_STR_MATCH"
    HTTPS_STR_MATCH = "HTTPS_STR_MATCH"
    TCP = "TCP"
    CALCULATED = "CALCULATED"
    CLOUDWATCH_METRIC = "CLOUDWATCH_METRIC"


class InsufficientData(StrEnum):
    """What a check based on an alarm is while the alarm has insufficient data."""

    HEALTHY = "Healthy"
    UNHEALTHY = "Unhealthy"
    LAST_KNOWN = "LastKnownStatus"


DERIVED = (CheckType.CALCULATED, CheckType.CLOUDWATCH_METRIC)


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One health check; the defaults are Route 53's (30 s, threshold 3), but for the last-known status.

    The API does not say what a missing ``InsufficientDataHealthStatus`` means; the console's choice is taken.
    """

    type: CheckType
    host: str = ""
    address: str = ""
    port: int = 0
    path: str = "/"
    search: str = ""
    interval_seconds: int = 30
    failure_threshold: int = 3
    sni: bool = False
    inverted: bool = False
    disabled: bool = False
    children: tuple[str, ...] = ()
    health_threshold: int = 0
    alarm: tuple[str, str] = ("", "")
    """The name and the region of a CloudWatch alarm."""
    insufficient_data: InsufficientData = InsufficientData.LAST_KNOWN

    @property
    def is_probed(self) -> bool:
        """Whether checkers probe an endpoint for it."""
        return self.type not in DERIVED and not self.disabled

    @property
    def is_tls(self) -> bool:
        """Whether its probes speak TLS."""
        return self.type in (CheckType.HTTPS, CheckType.HTTPS_STR_MATCH)

    @property
    def host_header(self) -> str:
        """The ``Host`` header: the name, or the address without one; with the port unless it is the usual one."""
        name = self.host or self.address
        return name if self.port == (443 if self.is_tls else 80) else f"{name}:{self.port}"

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> "HealthCheck":
        """Return the check of a ``HealthCheckConfig``; numbers and booleans may be text, as in templates.

        Raises:
            ValueError: a type that is not emulated, or a value that is not one of its field's.
        """
        if document.get("Type") not in list(CheckType):
            raise ValueError(
                f"health check type {document.get('Type')!r} is not emulated; allowed: {', '.join(CheckType)}"
            )
        kind = CheckType(document["Type"])
        tls = kind in (CheckType.HTTPS, CheckType.HTTPS_STR_MATCH)
        alarm = document.get("AlarmIdentifier") or {}
        return cls(
            type=kind,
            host=document.get("FullyQualifiedDomainName") or "",
            address=document.get("IPAddress") or "",
            port=int(document.get("Port") or (443 if tls else 80)),
            path=_path(document.get("ResourcePath")),
            search=document.get("SearchString") or "",
            interval_seconds=int(document.get("RequestInterval") or 30),
            failure_threshold=int(document.get("FailureThreshold") or 3),
            # Left out, it is taken as on for HTTPS: an assumption, the API does not say.
            sni=_flag(document.get("EnableSNI", tls)),
            inverted=_flag(document.get("Inverted", False)),
            disabled=_flag(document.get("Disabled", False)),
            children=tuple(document.get("ChildHealthChecks") or ()),
            health_threshold=int(document.get("HealthThreshold") or 0),
            alarm=(alarm.get("Name") or "", alarm.get("Region") or ""),
            insufficient_data=InsufficientData(
                document.get("InsufficientDataHealthStatus") or InsufficientData.LAST_KNOWN
            ),
        )


def _path(text: str | None) -> str:
    path = text or "/"
    return path if path.startswith("/") else f"/{path}"


def _flag(value: Any) -> bool:
    return value.lower() == "true" if isinstance(value, str) else bool(value)
