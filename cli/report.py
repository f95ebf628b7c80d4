"""``lifeboat report``: an incident from its opening to its end, and what of it is kept where."""

import json
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli.options import QUICKSTART, Document
from cli.reading import load
from failover.adapters.world import operators_world as world
from failover.plain import as_plain
from failover.procedures.reporting import IncidentReport, KeptTail, report_of


class Form(StrEnum):
    """How it is written."""

    TABLE = "table"
    JSON = "json"


Output = Annotated[Form, typer.Option("--output", "-o", help="For people, or as one JSON object.")]
Name = Annotated[str | None, typer.Argument(help="An incident, such as us-east-1-20; without it the newest.")]


def report(incident: Name = None, output: Output = Form.TABLE, topology: Document = QUICKSTART) -> None:
    """Tell what happened in an incident: its moments, its loss bound, its tails, its journal."""
    found = report_of(world(load(topology)).store.journal(), incident)
    if output is Form.JSON:
        typer.echo(json.dumps(as_plain(found), indent=2, sort_keys=True))
        return
    console = Console(highlight=False)
    console.print(
        f"incident {found.incident} of {found.subject}: {found.outcome}, opened at "
        f"{found.opened_at:%Y-%m-%d %H:%M:%S} UTC under {found.rule}: {found.reason}"
    )
    console.print(_moments(found))
    for database, bound in found.loss_bounds.items():
        console.print(f"{database}: at most {bound} of acknowledged writes may be lost")
    for tail in found.tails:
        console.print(_told(tail), soft_wrap=True)
    console.print(_journal(found))


def _moments(found: IncidentReport) -> Table:
    table = Table("reached", "seconds")
    for each in found.moments:
        table.add_row(each.what, f"{each.seconds:.1f}")
    return table


def _told(tail: KeptTail) -> str:
    told = f"{tail.database}: {tail.rows} rows ({tail.transactions} transactions) that only {tail.region} had"
    if tail.oldest:
        told += f", committed {tail.oldest} to {tail.newest}"
    if tail.seconds_before_admission is not None:
        told += f", the oldest {tail.seconds_before_admission:.1f} s before the new writer was admitted"
    more = f" and {tail.parts - 1} more parts" if tail.parts > 1 else ""
    return f"{told}: {tail.file}{more}{'' if tail.complete else '; NOT COMPLETE'}"


def _journal(found: IncidentReport) -> Table:
    table = Table("time (UTC)", "region", "what", "text")
    for entry in found.journal:
        table.add_row(f"{entry.at:%H:%M:%S}", entry.region, entry.kind, entry.text)
    return table
