"""What came of schedules, for people."""

from collections.abc import Iterator

from rich.table import Table

from rehearsal.form import Scenario, written
from simulator.campaign.summary import Summary, percentiles
from simulator.schedule import Outcome


def table(summary: Summary) -> Table:
    """Return a campaign's figures."""
    told = Table("", "", title="simulated, in virtual time", show_header=False, title_justify="left")
    rate = summary.schedules / summary.real_seconds if summary.real_seconds else 0.0
    rows = [
        ("schedules", f"{summary.schedules:,} in {summary.real_seconds:,.0f} s, {rate:.1f} a second"),
        ("virtual time", f"{summary.virtual_seconds / 3600:,.1f} h, {summary.events:,} events"),
        ("violations", f"{summary.violated} of invariants and of the clients' history"),
        ("stuck", f"{summary.stuck} came to no good end"),
        ("errors", f"{summary.errors} were raised where none may be"),
        ("faults", f"{sum(summary.faults.values()):,} of {len(summary.faults)} kinds"),
        ("coverage", f"{len(summary.covered):,} pairs of state and standing fault"),
        ("executions", ", ".join(f"{how} {n:,}" for how, n in summary.endings.most_common(6))),
        ("nobody could write for", _seconds(percentiles(summary.pauses))),
        ("oldest lost write", _seconds(percentiles(summary.losses))),
    ]
    for row in rows:
        told.add_row(*row)
    return told


def lines(scenario: Scenario, outcome: Outcome) -> Iterator[str]:
    """Yield a schedule and all that the journal tells of it, in virtual seconds since its second 0."""
    yield written(scenario)
    acts = [(at, "", f"-- {step.asked()}") for at, step in outcome.done]
    entries = [
        (at - outcome.zero, each.region, f"{each.kind.lower().replace('_', ' ')}: {each.text}")
        for at, each in outcome.journal
    ]
    for at, where, text in sorted([*acts, *entries], key=lambda each: each[0]):
        yield f"{at:9.3f} s  {where:<15} {text}"
    if outcome.violation is None:
        yield f"held; {outcome.virtual_seconds:.0f} virtual seconds, {outcome.events:,} events"
    else:
        violation = outcome.violation
        yield f"VIOLATED {violation.what} at {violation.at - outcome.zero:.3f} s: {violation.why}"


def _seconds(shares: dict[str, float] | None) -> str:
    return "never happened" if shares is None else ", ".join(f"{name} {value:g} s" for name, value in shares.items())
