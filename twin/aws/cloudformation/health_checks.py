"""AWS::Route53::HealthCheck, on the table of MiniStack's Route 53, where the checkers of the twin read it."""

from collections.abc import Callable
from typing import Any, Final

from ministack.core.responses import new_uuid
from ministack.services import route53

from twin.aws.cloudformation.resource import Made, Properties, ProvisioningError, ResourceType

NAME: Final = "AWS::Route53::HealthCheck"
NUMBERS: Final = frozenset({"Port", "RequestInterval", "FailureThreshold", "HealthThreshold"})
TRUTHS: Final = frozenset({"MeasureLatency", "EnableSNI", "Inverted", "Disabled"})
FIXED: Final = ("Type", "RequestInterval", "MeasureLatency", "RoutingControlArn")
"""What UpdateHealthCheck cannot change: CloudFormation makes a new check."""
TYPES: Final = frozenset(
    {
        "HTTP",
        "HTTPS",
        "HTTP_STR_MATCH",
        "HTTPS_STR_MATCH",
        "TCP",
        "CALCULATED",
        "CLOUDWATCH_METRIC",
        "RECOVERY_CONTROL",
    }
)


def types() -> list[ResourceType]:
    """Return the type of this module."""
    return [HealthCheckType(NAME, _create, _delete, _change)]


def readable(build: Callable[[Any, dict[str, Any]], None]) -> Callable[[Any, dict[str, Any]], None]:
    """Return MiniStack's XML of a health check with its truths as XML has them: SDKs read ``True`` as false."""

    def built(parent: Any, check: dict[str, Any]) -> None:
        config = {name: str(value).lower() if name in TRUTHS else value for name, value in check["config"].items()}
        build(parent, {**check, "config": config})

    return built


class HealthCheckType(ResourceType):
    """The type's one property that matters is a structure, parts of which cannot be changed."""

    def _update(self, physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Made:
        before, after = old["HealthCheckConfig"], new["HealthCheckConfig"]
        if any(before.get(name) != after.get(name) for name in FIXED):
            return self.create(logical_id, new, stack)
        return self.change(physical_id, new)


def _create(_logical_id: str, properties: Properties, _stack: str) -> Made:
    check = route53._hc_id()
    config = _config(properties)
    with route53._lock:
        route53._health_checks[check] = {
            "id": check,
            "caller_reference": new_uuid(),
            "config": config,
            "version": 1,
        }
    return check, {"HealthCheckId": check}


def _change(check: str, properties: Properties) -> Made:
    config = _config(properties)
    with route53._lock:
        record = route53._health_checks[check]
        record["config"], record["version"] = config, record["version"] + 1
    return check, {"HealthCheckId": check}


def _delete(check: str, _properties: Properties) -> None:
    with route53._lock:
        route53._health_checks.pop(check, None)


def _config(properties: Properties) -> dict[str, Any]:
    """Return the configuration as CreateHealthCheck keeps it.

    Raises:
        ProvisioningError: Route 53 would refuse it.
    """
    config = {name: _value(name, value) for name, value in properties["HealthCheckConfig"].items()}
    kind, searched = config.get("Type"), config.get("SearchString")
    if kind not in TYPES:
        raise ProvisioningError(f"{NAME}: Type is {kind!r}; Route 53 has {', '.join(sorted(TYPES))}")
    if kind.endswith("_STR_MATCH") and not 1 <= len(searched or "") <= 255:
        raise ProvisioningError(f"{NAME}: {kind} needs a SearchString of 1 to 255 characters")
    if kind == "CALCULATED":
        children = config.get("ChildHealthChecks", [])
        if not 0 < len(children) <= 256:
            raise ProvisioningError(f"{NAME}: CALCULATED has {len(children)} ChildHealthChecks; 1 to 256 are allowed")
        if missing := [child for child in children if child not in route53._health_checks]:
            raise ProvisioningError(f"{NAME}: there is no health check {missing[0]}")
    elif config.setdefault("RequestInterval", 30) not in (10, 30):
        raise ProvisioningError(f"{NAME}: RequestInterval is {config['RequestInterval']}; Route 53 has 10 and 30")
    if kind not in ("CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL"):
        config.setdefault("FailureThreshold", 3)
        config.setdefault("Port", 443 if kind.startswith("HTTPS") else 80)
    return config


def _value(name: str, value: Any) -> Any:
    if name in NUMBERS:
        return int(value)
    return str(value).lower() == "true" if name in TRUTHS else value
