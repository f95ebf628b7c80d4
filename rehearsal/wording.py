"""Words that terminal and page say alike."""

from typing import Final

from rehearsal.form import spoken
from rehearsal.load import EVERYBODY, Phase
from rehearsal.report import Report

MEANINGS: Final = {
    "detect": "fault → two observers agree",
    "decide": "→ decision to fail over",
    "fence": "→ the old writer can write no more",
    "promote": "→ the new writer is admitted",
    "shift": "→ the name points elsewhere for everybody",
    "client_ttl": "→ the last client group's first acknowledged write",
}

LOAD_COLUMNS: Final = ("asked", "sent", "carried", "failed", "p50", "p95", "max")


def load_rows(phase: Phase) -> list[tuple[str, ...]]:
    """Return a row for each client group of a part of the play, and one for all: the name, and ``LOAD_COLUMNS``."""
    return [
        (
            "all" if name == EVERYBODY else name,
            *(f"{each:.1f}" for each in (load.asked_per_second, load.offered_per_second, load.carried_per_second)),
            f"{load.failed_share:.1%}",
            _milliseconds(load.latency_p50_seconds),
            _milliseconds(load.latency_p95_seconds),
            _milliseconds(load.latency_max_seconds),
        )
        for name, load in phase.clients.items()
    ]


def load_note(report: Report) -> str:
    """Return in one sentence what the numbers of the load are."""
    if report.history.virtual:
        return "writes a second, and virtual milliseconds: the model draws them, and no load makes it slower"
    return "writes a second, and milliseconds until those acknowledged were, from when each was due, however late sent"


def _milliseconds(seconds: float | None) -> str:
    return "—" if seconds is None else f"{1000 * seconds:.0f}"


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
