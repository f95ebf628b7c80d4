"""Fills the page's template with a report."""

from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from rehearsal.form import spoken
from rehearsal.measures import PARTS
from rehearsal.page.control_lane import draw_states
from rehearsal.page.picture import WIDTH, draw_picture
from rehearsal.report import Judgement, Report
from rehearsal.wording import LOAD_COLUMNS, MEANINGS, headline, load_note, load_rows

TEMPLATE: Final = "page.html.j2"
NO_BREAK: Final = "\u2011"
"""A hyphen at which no line ends, for the names of regions in large type."""


def page_of(report: Report) -> str:
    """Return the report as an HTML page that needs nothing else."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["spoken"] = spoken
    return environment.get_template(TEMPLATE).render(**_values(report))


def _values(report: Report) -> dict[str, Any]:
    measures = report.measures
    total = sum(each or 0.0 for each in measures.recovery.rto_parts.values()) or 1.0
    return {
        "report": report,
        "held": report.verdict is Judgement.HELD,
        "headline": headline(report).replace("-", NO_BREAK),
        "rto": measures.recovery.rto_seconds,
        "share": measures.control_plane_share_seconds,
        "decided": measures.moments.decided is not None,
        "parts": [
            (index, part.replace("_", " "), seconds, MEANINGS[part], round(100 * (seconds or 0.0) / total, 1))
            for index, part in enumerate(PARTS)
            for seconds in [measures.recovery.rto_parts[part]]
        ],
        "load": [(phase, load_rows(phase)) for phase in measures.load],
        "load_columns": LOAD_COLUMNS,
        "load_note": load_note(report),
        "kept": sum(each.held for each in report.expectations),
        "held_invariants": sum(each.holds for each in report.invariants.values()),
        "broken_expectations": [each for each in report.expectations if not each.held],
        "broken_invariants": {name: each for name, each in report.invariants.items() if not each.holds},
        "picture": draw_picture(report),
        "states": draw_states(report, WIDTH),
        "width": WIDTH,
    }
