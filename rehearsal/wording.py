"""Words that terminal and page say alike."""

from typing import Final

from rehearsal.form import spoken
from rehearsal.report import Report

MEANINGS: Final = {
    "detect": "fault → two observers agree",
    "decide": "→ decision to fail over",
    "fence": "→ the old writer can write no more",
    "promote": "→ the new writer is admitted",
    "shift": "→ the name points elsewhere for everybody",
    "client_ttl": "→ the last client group's first acknowledged write",
}


def headline(report: Report) -> str:
    """Return in one sentence what happened to the users."""
    rto, rpo, moments = report.measures.recovery.rto_seconds, report.rpo, report.measures.moments
    lost = f"{rpo.lost} of {rpo.acknowledged} acknowledged writes lost"
    if moments.decided is None:
        return f"no failover was decided; {lost}"
    if rto is None:
        return f"{moments.subject} was given up and not everybody is served again; {lost}"
    where = f"written in {moments.writer}" if moments.writer is not None else "written where it was"
    return f"users served again after {spoken(rto)}, {where}; {lost}"
