"""The dashboards of Grafana: every region beside every other, from the sums that each adds up for itself."""

from typing import Any

from failover.topology import Topology
from stacks.constructs.prometheus_rules import SHARED
from topology_document.infrastructure.observability import ObservabilitySection

Board = dict[str, Any]
SOURCE = {"type": "prometheus", "uid": "metrics"}


def dashboards(topology: Topology, wanted: ObservabilitySection) -> dict[str, Board]:
    """Return each dashboard by its name: what users see, and what is used of each region."""
    promised = wanted.objectives
    users = [
        _panel(0, "Requests a second", f"sum by (region) ({SHARED}requests:rate5m)", "reqps"),
        _panel(
            1,
            "Share of faults",
            f"max by (region, destination_service_name) ({SHARED}faults:share5m)",
            "percentunit",
            1 - promised.availability_percent / 100,
        ),
        _panel(
            2,
            "Latency p95",
            f"max by (region, destination_service_name) ({SHARED}latency:p95)",
            "ms",
            promised.latency_p95_ms,
        ),
    ]
    used = [
        _panel(0, "Processors used, by namespace", f"sum by (region, namespace) ({SHARED}cpu:used)", "none"),
        _panel(
            1,
            "Of the processors that are there",
            f"sum by (region) ({SHARED}cpu:used) / sum by (region) ({SHARED}cpu:there)",
            "percentunit",
        ),
        _panel(2, "Memory used, by namespace", f"sum by (region, namespace) ({SHARED}memory:used)", "bytes"),
    ]
    return {
        f"{topology.name}-users": _board(f"{topology.name}: what users see", users),
        f"{topology.name}-resources": _board(f"{topology.name}: what each region uses", used),
    }


def _board(title: str, panels: list[dict[str, Any]]) -> Board:
    region = {
        "name": "region",
        "type": "query",
        "datasource": SOURCE,
        "query": f"label_values({SHARED}requests:rate5m, region)",
        "multi": True,
        "includeAll": True,
    }
    return {
        "uid": title.partition(":")[0] + "-" + str(len(panels)) + "-" + title.rpartition(" ")[2],
        "title": title,
        "schemaVersion": 39,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "templating": {"list": [region]},
        "panels": panels,
    }


def _panel(number: int, title: str, expression: str, unit: str, promised: float | None = None) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if promised is not None:
        steps.append({"color": "red", "value": promised})
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": title,
        "datasource": SOURCE,
        "gridPos": {"x": 8 * number, "y": 0, "w": 8, "h": 9},
        "targets": [{"refId": "A", "expr": expression, "datasource": SOURCE}],
        "fieldConfig": {
            "defaults": {
                "unit": unit,
                "custom": {"thresholdsStyle": {"mode": "line" if promised is not None else "off"}},
                "thresholds": {"mode": "absolute", "steps": steps},
            },
            "overrides": [],
        },
    }
