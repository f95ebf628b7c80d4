"""Traffic over time: for each client group its writes per second, by the region that answered, and the failed."""

from collections import Counter
from typing import Final

from rehearsal.history import Outcome
from rehearsal.page.drawing import Drawing, Scale
from rehearsal.report import Report

LANE: Final = 52.0
BARS: Final = 38.0
NOT_CARRIED: Final = {Outcome.FAILED.value: "failed", Outcome.UNSENT.value: "due and not sent, by clients too busy"}


def draw_traffic(drawing: Drawing, scale: Scale, report: Report, top: float) -> float:
    """Draw a lane for each client group from ``top`` on, and return where they end."""
    groups = sorted({each.group for each in report.history.writes}, key=lambda name: _order(report, name))
    for index, group in enumerate(groups):
        _draw_group(drawing, scale, report, group, top + index * LANE)
    return top + len(groups) * LANE


def _draw_group(drawing: Drawing, scale: Scale, report: Report, group: str, top: float) -> None:
    seconds: dict[int, Counter[str]] = {}
    for write in report.history.writes:
        if write.group == group and 0 <= write.ended_at <= report.length_seconds:
            kind = _kind(report, write.service) if write.outcome is Outcome.ACKNOWLEDGED else write.outcome.value
            seconds.setdefault(int(write.ended_at), Counter())[kind] += 1
    most = max((counter.total() for counter in seconds.values()), default=1)
    floor = top + LANE - 6
    drawing.line(0, top + LANE, scale.right, top + LANE, "rule")
    drawing.text(8, top + 21, group, "lane")
    drawing.text(8, top + 36, f"clients, {most} writes/s", "quiet")
    for second, counter in sorted(seconds.items()):
        y = floor
        x, to = scale.x(second) + 0.5, scale.x(second + 1) - 0.5
        for kind in sorted(counter, key=lambda each: (each in NOT_CARRIED, each)):
            height = round(counter[kind] / most * BARS, 1)
            y = round(y - height, 1)
            told = f"{second}-{second + 1} s: {_told(report, kind, counter[kind])}"
            drawing.bar(x, y, to, height, kind=kind, told=told)


def _kind(report: Report, service: str | None) -> str:
    return f"r{report.regions.index(service)}" if service in report.regions else "elsewhere"


def _told(report: Report, kind: str, count: int) -> str:
    if kind in NOT_CARRIED:
        return f"{count} {NOT_CARRIED[kind]}"
    by = report.regions[int(kind[1:])] if kind.startswith("r") else "another region"
    return f"{count} acknowledged, answered by {by}"


def _order(report: Report, name: str) -> tuple[int, str]:
    return (report.regions.index(name) if name in report.regions else len(report.regions), name)
