"""A play in the terminal: each step as it ends, the timeline as it happens, and the verdict with its tables.

Colour follows rich's own rules: none with ``NO_COLOR`` set or where the output is no terminal.
"""

from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from rehearsal.form import Scenario
from rehearsal.measures import PARTS
from rehearsal.report import Judgement, Report
from rehearsal.telling import Line, LineKind, StepEnded, Told
from rehearsal.wording import LOAD_COLUMNS, MEANINGS, headline, load_note, load_rows

STYLES: Final = {
    LineKind.REGION: "red",
    LineKind.WRITER: "bold",
    LineKind.TRAFFIC: "cyan",
    LineKind.JOURNAL: "dim",
}


class Narrator:
    """Prints what the player tells; give its ``__call__`` to ``play`` as ``on_event``."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(soft_wrap=True, highlight=False)

    def open(self, scenario: Scenario) -> None:
        """Print what will be played."""
        self.console.print(f"[bold]{escape(scenario.name)}[/] on {escape(scenario.topology)}")
        self.console.print(f"proves: {escape(scenario.proves)}\n")

    def __call__(self, told: Told) -> None:
        """Print one line of the timeline, or that a step ended; a step that acts is told once, as a step."""
        if isinstance(told, StepEnded):
            self.console.print(_of_step(told))
        elif told.kind not in (LineKind.FAULT, LineKind.HEAL, LineKind.OPERATOR):
            self.console.print(_of_line(told))

    def close(self, report: Report) -> None:
        """Print the verdict and the tables."""
        self.console.print()
        for table in (_recovery(report), _loss(report), _load(report), _expectations(report)):
            if table is not None:
                self.console.print(table)
        broken = [f"{name}: {each.why}" for name, each in report.invariants.items() if not each.holds]
        held = sum(each.holds for each in report.invariants.values())
        self.console.print(f"invariants: {held} of {len(report.invariants)} checked hold")
        for line in broken:
            self.console.print(Text(f"  broken {line}", style="red"))
        for each in report.refused:
            self.console.print(Text(f"refused by its own policies: {each}", style="red"))
        if report.recorded_only_types:
            self.console.print(f"only recorded, not emulated: {', '.join(report.recorded_only_types)}", style="dim")
        good = report.verdict is Judgement.HELD
        kept = sum(each.held for each in report.expectations)
        text = f"{report.verdict.value.upper()}: {kept} of {len(report.expectations)} expectations; {headline(report)}"
        self.console.print(Text(text, style="bold green" if good else "bold red"))


def _of_line(line: Line) -> Text:
    text = Text(f"{line.at:7.2f} s  ")
    text.append(f"{line.lane:<15} ")
    text.append(line.text, style=STYLES.get(line.kind, ""))
    return text


def _of_step(step: StepEnded) -> Text:
    word, style = {True: ("held", "green"), False: ("BROKEN", "bold red"), None: ("done", "bold blue")}[step.held]
    text = Text(f"{step.at:7.2f} s  ")
    text.append(f"[{step.number}/{step.total}] {word:<8}", style=style)
    text.append(step.text, style="bold" if step.held is None else "")
    if step.held is False:
        text.append(f" — {step.observed}", style="red")
    return text


def _recovery(report: Report) -> Table | None:
    recovery = report.measures.recovery
    if recovery.rto_seconds is None and all(each is None for each in recovery.rto_parts.values()):
        return None
    table = Table("part", "seconds", "from the moment before", title="recovery time", title_justify="left")
    table.columns[1].justify = "right"
    for part in PARTS:
        seconds = recovery.rto_parts[part]
        table.add_row(part.replace("_", " "), "—" if seconds is None else f"{seconds:.1f}", MEANINGS[part])
    table.add_section()
    whole = "—" if recovery.rto_seconds is None else f"{recovery.rto_seconds:.1f}"
    table.add_row("RTO", whole, "fault → everybody served", style="bold")
    share = report.measures.control_plane_share_seconds
    if share is not None:
        table.add_row("own share", f"{share:.1f}", "of the control plane: not waiting for lease, person or PostgreSQL")
    return table


def _loss(report: Report) -> Table:
    rpo = report.rpo
    newest = rpo.newest_lost_age_seconds
    table = Table("acknowledged", "lost", "newest lost age", title="writes", title_justify="left")
    for column in table.columns:
        column.justify = "right"
    table.add_row(str(rpo.acknowledged), str(rpo.lost), "—" if newest is None else f"{newest:.1f} s")
    return table


def _load(report: Report) -> Table | None:
    if not report.measures.load:
        return None
    note = load_note(report)
    table = Table("load", caption=note, caption_justify="left", box=SIMPLE_HEAD, padding=(0, 0, 0, 1))
    for column in LOAD_COLUMNS:
        table.add_column(column, justify="right", no_wrap=True)
    for phase in report.measures.load:
        table.add_row(f"{phase.name.value}, {phase.since:.1f}-{phase.until:.1f} s", style="bold")
        for name, *numbers in load_rows(phase):
            table.add_row(f"  {name}", *numbers)
        table.add_section()
    return table


def _expectations(report: Report) -> Table:
    table = Table("", "expected", "at", "observed", title="expectations", title_justify="left")
    for each in report.expectations:
        mark = Text("held", style="green") if each.held else Text("BROKEN", style="bold red")
        seen = "" if each.seen_at is None else f"{each.seen_at:.1f} s"
        table.add_row(mark, Text(each.text), seen, Text(each.observed))
    return table
