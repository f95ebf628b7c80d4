"""The rules of Prometheus: what is added up in a region, which alone may leave it, and what people are told of.

They are about the mesh's own metrics, which every service of the clusters has without a line of its own.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from topology_document.infrastructure.observability import ObjectivesSection

Rule = Mapping[str, Any]

SHARED: Final = "region:"
"""How the names of those sums begin that another region's Prometheus may hold: no label of theirs leads to a person."""

BURNS: Final = (("fast", "1h", "5m", 14.4), ("steady", "6h", "30m", 6.0))
"""As the load balancer's alarms, for each service by itself (Google's SRE Workbook, chapter 5)."""


def recorded() -> Sequence[Rule]:
    """Return the sums of a region and of each service in it."""
    asked = "istio_requests_total{reporter='destination'}"
    faults = "istio_requests_total{reporter='destination',response_code=~'5..'}"
    took = "istio_request_duration_milliseconds_bucket{reporter='destination'}"
    by = "destination_service_name"
    shares = [
        _sum(
            f"{SHARED}faults:share{window}",
            f"sum by ({by}) (rate({faults}[{window}])) / sum by ({by}) (rate({asked}[{window}]))",
        )
        for window in ("5m", "30m", "1h", "6h")
    ]
    return [
        _sum(f"{SHARED}requests:rate5m", f"sum by ({by}) (rate({asked}[5m]))"),
        *shares,
        _sum(f"{SHARED}latency:p95", f"histogram_quantile(0.95, sum by (le, {by}) (rate({took}[5m])))"),
        _sum(f"{SHARED}cpu:used", "sum by (namespace) (rate(container_cpu_usage_seconds_total[5m]))"),
        _sum(f"{SHARED}memory:used", "sum by (namespace) (container_memory_working_set_bytes)"),
        _sum(f"{SHARED}cpu:there", "sum(machine_cpu_cores)"),
    ]


def alerting(objectives: ObjectivesSection) -> Sequence[Rule]:
    """Return what people are told of: budgets that burn, and slow answers where a time is promised."""
    budget = 1 - objectives.availability_percent / 100
    rules = [
        _alert(
            f"BudgetBurns{name.title()}",
            f"{SHARED}faults:share{long} > {rate * budget:.6g} and {SHARED}faults:share{short} > {rate * budget:.6g}",
            "2m",
            f"{{{{ $labels.destination_service_name }}}} uses up its error budget {rate:g} times too fast.",
        )
        for name, long, short, rate in BURNS
    ]
    if objectives.latency_p95_ms is not None:
        slow = f"{SHARED}latency:p95 > {objectives.latency_p95_ms}"
        text = f"{{{{ $labels.destination_service_name }}}} answers slower than {objectives.latency_p95_ms} ms at p95."
        rules.append(_alert("AnswersSlow", slow, "5m", text))
    return rules


def groups(objectives: ObjectivesSection) -> dict[str, Any]:
    """Return the file of rules, as Prometheus reads it."""
    return {
        "groups": [
            {"name": "sums", "interval": "30s", "rules": list(recorded())},
            {"name": "objectives", "interval": "30s", "rules": list(alerting(objectives))},
        ]
    }


def _sum(name: str, expression: str) -> Rule:
    return {"record": name, "expr": expression}


def _alert(name: str, expression: str, lasting: str, text: str) -> Rule:
    return {"alert": name, "expr": expression, "for": lasting, "annotations": {"summary": text}}
