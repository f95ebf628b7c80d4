"""``lifeboat check``: is this topology one?"""

from pathlib import Path
from typing import Annotated

import typer

from cli.reading import load
from failover.topology import Topology, digest
from topology_document import load_with_warnings


def check(document: Annotated[Path, typer.Argument(help="A topology, such as topologies/quickstart.yaml.")]) -> None:
    """Check a topology; every mistake is told with its place, its value and the fix."""
    _, warnings = load_with_warnings(document)
    topology = load(document)
    for warning in warnings:
        typer.echo(f"warning: {warning.line(str(document))}", err=True)
    typer.echo(f"{topology.name}: {len(topology.regions)} regions, digest {digest(topology)}")
    if topology.databases:
        typer.echo(_without_the_store(topology))


def _without_the_store(topology: Topology) -> str:
    """Say what is easily overlooked: a store that is out of reach stops writes, unless everybody promises."""
    everybody = ", ".join(topology.control_regions)
    stops_seconds = topology.lease.lease_seconds - topology.lease.margin_seconds
    return (
        f"if the quorum store is out of reach, writes go on only while all of {everybody} answer the writer's region; "
        f"else they stop within {stops_seconds:g} s"
    )
