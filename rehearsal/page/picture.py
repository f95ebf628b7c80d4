"""The picture: time from left to right, the moments that matter as lines through every lane."""

from typing import Final

from rehearsal.measures import PARTS
from rehearsal.page.control_lane import draw_incident
from rehearsal.page.drawing import CHARACTER, Drawing, Scale, rows_of
from rehearsal.page.region_lanes import draw_regions
from rehearsal.page.traffic_lanes import draw_traffic
from rehearsal.report import Report

WIDTH: Final = 1120.0
LABELS: Final = 138.0
LANE_CHARACTER: Final = 7.4
"""Width in pixels of a character of a lane's name, which is bold, rather too wide."""
FLAG: Final = 16.0
INDENT: Final = 28.0


def draw_picture(report: Report) -> Drawing:
    """Draw the whole play."""
    labels = max(LABELS, INDENT + LANE_CHARACTER * max(map(len, report.regions), default=0))
    scale = Scale(0.0, max(report.length_seconds, 1.0), labels, WIDTH - 14)
    drawing, lanes = Drawing(), Drawing()
    flags = _flags(report)
    rows = _rows(scale, flags)
    top = (max(rows, default=-1) + 1) * FLAG + 10
    bar_top = top
    axis = top + (34 if _is_divided(report) else 4)
    end = draw_incident(lanes, scale, report, draw_regions(lanes, scale, report, axis + 22))
    end = draw_traffic(lanes, scale, report, end)
    for tick in scale.ticks():
        drawing.line(scale.x(tick), axis + 20, scale.x(tick), end, "grid")
        drawing.text(scale.x(tick), axis + 14, f"{tick:g} s", "tick", "middle")
    drawing.line(0, axis + 22, scale.right, axis + 22, "rule")
    drawing.elements += lanes.elements
    for flag, row in zip(flags, rows, strict=True):
        _draw_flag(drawing, scale, flag, row * FLAG + 12, end)
    if _is_divided(report):
        _draw_parts(drawing, scale, report, bar_top)
    drawing.height = end + 6
    return drawing


def _flags(report: Report) -> list[tuple[float, str, str]]:
    moments = report.measures.moments
    named = [
        *((each.at, f"fault {each.fault.kind.value}", "fault") for each in report.trace.faults),
        *((each.healed_at, f"heal {each.fault.kind.value}", "heal") for each in report.trace.faults),
        (moments.detected, "detected", "moment"),
        (moments.decided, "decided", "moment"),
        (moments.stopped, "old writer stopped", "moment"),
        (moments.no_return, "point of no return", "no-return"),
        (moments.admitted, "new writer admitted", "moment"),
        (moments.moved, "name moved", "moment"),
        (moments.served, "all served", "served"),
    ]
    return sorted((at, words, kind) for at, words, kind in named if at is not None)


def _rows(scale: Scale, flags: list[tuple[float, str, str]]) -> list[int]:
    """Put the flags into rows so that no two cover each other."""
    return rows_of([_extent(scale, at, words) for at, words, _ in flags])


def _extent(scale: Scale, at: float, words: str) -> tuple[float, float]:
    x, width = scale.x(at), (len(words) + 8) * CHARACTER
    return (x, x + width) if x + width <= scale.right else (x - width, x + 2)


def _draw_flag(drawing: Drawing, scale: Scale, flag: tuple[float, str, str], y: float, end: float) -> None:
    at, words, kind = flag
    x = scale.x(at)
    left, _ = _extent(scale, at, words)
    drawing.line(x, y - 9, x, end, kind)
    text = f"{words} {at:.1f} s"
    drawing.text(x + 4 if left == x else x - 4, y, text, f"flag {kind}", "start" if left == x else "end")


def _is_divided(report: Report) -> bool:
    return report.measures.recovery.rto_seconds is not None


def _draw_parts(drawing: Drawing, scale: Scale, report: Report, top: float) -> None:
    """Draw the recovery time as one bar, part after part."""
    moments, parts = report.measures.moments, report.measures.recovery.rto_parts
    at = moments.fault if moments.fault is not None else moments.decided
    assert at is not None
    drawing.text(8, top + 19, "recovery time", "lane")
    for index, part in enumerate(PARTS):
        seconds = parts[part]
        if seconds:
            x, to = scale.x(at), scale.x(at + seconds)
            name = part.replace("_", " ")
            drawing.bar(x, top + 6, to, 20, kind=f"p{index}", told=f"{name} {seconds:.1f} s")
            drawing.text_in(x, top + 20, to, f"{name} {seconds:.1f}", f"{seconds:.1f}")
            at += seconds
