"""What the control plane did: the incident beside the regions, and its states on a scale of their own."""

from typing import Final

from failover.records import IncidentState
from rehearsal.history import StateSpan
from rehearsal.page.drawing import CHARACTER, Drawing, Scale
from rehearsal.report import Report
from rehearsal.sightings import spans

LANE: Final = 44.0
ROW: Final = 20.0
LABELS: Final = 150.0


def draw_incident(drawing: Drawing, scale: Scale, report: Report, top: float) -> float:
    """Draw the lane of the incident from ``top`` on, and return where it ends."""
    drawing.line(0, top + LANE, scale.right, top + LANE, "rule")
    drawing.text(8, top + 21, "control plane", "lane")
    for since, until, state in spans(report.trace.incident, "incident", report.length_seconds):
        if state is not None:
            kind = "incident" if state is IncidentState.OPEN else "waiting"
            word = f"incident {state.value.lower()}"
            x, to = scale.x(since), scale.x(until)
            drawing.bar(x, top + 8, to, 15, kind=kind, told=f"{word} {since:.1f}-{until:.1f} s")
            drawing.text_in(x, top + 19.5, to, word, word.split()[1])
    for span in report.history.states:
        left = report.length_seconds if span.left is None else span.left
        kind = "state-failed" if span.failed else "state"
        drawing.bar(scale.x(span.entered), top + 28, scale.x(left), 7, kind=kind, told=_told(span))
    for page in report.history.pages:
        drawing.dot(scale.x(page.at), top + 31.5, "page", f"{page.at:.1f} s: page from {page.region}: {page.subject}")
    return top + LANE


def draw_states(report: Report, width: float) -> Drawing | None:
    """Draw each state of each execution in a row of its own; ``None`` where none ran."""
    shown = sorted(report.history.states, key=lambda span: (span.entered, span.state))
    if not shown:
        return None
    since = min(span.entered for span in shown)
    until = max(report.length_seconds if span.left is None else span.left for span in shown)
    pad = max(0.2, (until - since) * 0.02)
    scale = Scale(max(0.0, since - pad), until + pad, LABELS, width - 14)
    drawing = Drawing(height=len(shown) * ROW + 34)
    for tick in scale.ticks():
        drawing.line(scale.x(tick), 22, scale.x(tick), drawing.height - 4, "grid")
        drawing.text(scale.x(tick), 14, f"{tick:g} s", "tick", "middle")
    no_return = report.measures.moments.no_return
    if no_return is not None:
        drawing.line(scale.x(no_return), 20, scale.x(no_return), drawing.height - 4, "no-return")
    for index, span in enumerate(shown):
        top = 24 + index * ROW
        left = until if span.left is None else span.left
        x, to = scale.x(span.entered), scale.x(left)
        kind = "state-failed" if span.failed else "waiting" if span.state in ("AwaitLease",) else "state"
        drawing.text(LABELS - 10, top + 13, span.state, "lane" if not span.failed else "lane bad", "end")
        drawing.bar(x, top + 3, to, 13, kind=kind, told=_told(span))
        words = f"{left - span.entered:.2f} s"
        room = to + 6 + len(words) * CHARACTER <= scale.right
        drawing.text(to + 5 if room else x - 5, top + 13, words, "quiet", "start" if room else "end")
    return drawing


def _told(span: StateSpan) -> str:
    ended = "never left" if span.left is None else f"left at {span.left:.2f} s, after {span.left - span.entered:.2f} s"
    failed = ", failed" if span.failed else ""
    return f"{span.state} ({span.region}, {span.execution}): entered at {span.entered:.2f} s, {ended}{failed}"
