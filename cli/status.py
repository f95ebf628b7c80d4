"""``lifeboat status``: where the control plane stands now, in the words of the store."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli.options import QUICKSTART, Document
from cli.reading import load
from failover.adapters.world import operators_world as world
from failover.plain import as_plain
from failover.procedures.changing import records_of
from failover.procedures.protection import unprotected
from failover.records import Control, DatabaseRecord
from failover.topology import Topology

AsJson = Annotated[bool, typer.Option("--json", help="As one JSON object.")]


def status(topology: Document = QUICKSTART, as_json: AsJson = False) -> None:
    """Tell who writes what, which incident is open, and which database has no copy left that follows it."""
    product = load(topology)
    ports = world(product)
    control, records = ports.store.control(), records_of(ports, product)
    if as_json:
        bare = [each.name for each in records if unprotected(product, each)]
        told = {"control": as_plain(control), "databases": as_plain(records), "unprotected": bare}
        typer.echo(json.dumps(told, indent=2, sort_keys=True))
        return
    console = Console(highlight=False)
    console.print(_databases(product, records))
    for line in _said(control):
        console.print(line)


def _databases(product: Topology, records: tuple[DatabaseRecord, ...]) -> Table:
    table = Table("database", "writer", "epoch", "lease", "phase", "does not follow", "protected")
    for each in records:
        apart = ", ".join(f"{region} (since epoch {why.epoch})" for region, why in each.diverged.items()) or "-"
        safe = "NO: unprotected until a copy has rejoined" if unprotected(product, each) else "yes"
        table.add_row(each.name, each.writer, str(each.epoch), each.lease.state, each.phase, apart, safe)
    return table


def _said(control: Control) -> list[str]:
    incident = control.incident
    lines = [f"{region} is evacuated, by {why}" for region, why in control.evacuated.items()]
    if incident is None:
        lines.append("no incident is open")
    else:
        lines.append(
            f"incident {incident.id}: {incident.machine} of {incident.subject}, {incident.state}, owned by "
            f"{incident.owner} in term {incident.term}, under {incident.rule}: {incident.reason}"
        )
    if control.pause is not None:
        lines.append(f"paused until {control.pause.until:%Y-%m-%d %H:%M:%S} UTC: {control.pause.reason}")
    return lines
