"""A lane for each region: up or down, what the observers vote, its gate, its promotion."""

from typing import Final

from failover.records import Health
from rehearsal.facts import Gate
from rehearsal.page.drawing import Drawing, Scale
from rehearsal.report import Report
from rehearsal.sightings import spans

LANE: Final = 62.0
VOTES: Final = {Health.HEALTHY: "vote-up", Health.UNHEALTHY: "vote-down", Health.UNKNOWN: "vote-unknown"}


def draw_regions(drawing: Drawing, scale: Scale, report: Report, top: float) -> float:
    """Draw the lanes from ``top`` on, and return where they end."""
    for index, region in enumerate(report.regions):
        _draw_region(drawing, scale, report, region, top + index * LANE)
    return top + len(report.regions) * LANE


def _draw_region(drawing: Drawing, scale: Scale, report: Report, region: str, top: float) -> None:
    index, end = report.regions.index(region), report.length_seconds
    drawing.line(0, top + LANE, scale.right, top + LANE, "rule")
    drawing.bar(8, top + 13, 16, 8, kind=f"r{index}", told=region)
    drawing.text(23, top + 21, region, "lane")
    drawing.text(23, top + 36, _role(report, region), "quiet")
    for since, until, up in spans(report.trace.up, region, end):
        kind, word = ("up", "up") if up else ("down", "down")
        x, to = scale.x(since), scale.x(until)
        told = f"{region} {word} {since:.1f}-{until:.1f} s"
        drawing.bar(x, top + (13 if up else 8), to, 3 if up else 14, kind=kind, told=told)
        if not up:
            drawing.text_in(x, top + 19, to, "down")
    for key in sorted({each.of for each in report.trace.gates if each.of.endswith(f"/{region}")}):
        database = key.split("/")[0]
        for since, until, gate in spans(report.trace.gates, key, end):
            if gate is Gate.OPEN:
                x, to = scale.x(since), scale.x(until)
                told = f"{region} may write {database} {since:.1f}-{until:.1f} s: its gate is open"
                drawing.bar(x, top + 39, to, 15, kind=f"r{index}", told=told)
                drawing.text_in(x, top + 50.5, to, f"may write {database}", "may write")
    _draw_promotions(drawing, scale, report, region, top)
    for vote in report.history.votes:
        if vote.subject == region and vote.at > 0:
            told = f"{vote.at:.1f} s: {vote.observer} votes {region} {vote.health.value}"
            drawing.dot(scale.x(vote.at), top + 30, VOTES[vote.health], told)


def _draw_promotions(drawing: Drawing, scale: Scale, report: Report, region: str, top: float) -> None:
    for each in report.history.promotions:
        if each.region == region:
            done = each.at if each.done_at is None else each.done_at
            word = "accepted" if each.accepted else f"refused ({each.answer})"
            told = f"promotion of {each.database} asked at {each.at:.1f} s, {word}" + (
                f", done at {each.done_at:.1f} s" if each.done_at is not None else ""
            )
            kind = "promotion" if each.accepted else "refused"
            drawing.bar(scale.x(each.at), top + 39, scale.x(done), 15, kind=kind, told=told)


def _role(report: Report, region: str) -> str:
    """Return what the region came to, in a word or two."""
    moments = report.measures.moments
    if moments.writer is not None and region == moments.writer:
        return "the new writer"
    if moments.subject is not None and region == moments.subject:
        return "lost"
    wrote = any(each.value is Gate.OPEN for each in report.trace.gates if each.of.endswith(f"/{region}"))
    return "writer" if wrote else ""
