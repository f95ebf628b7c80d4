"""``lifeboat check``: is this topology one?"""

from pathlib import Path
from typing import Annotated

import typer

from failover.topology import digest
from topology_document import load_with_warnings


def check(document: Annotated[Path, typer.Argument(help="A topology, such as topologies/quickstart.yaml.")]) -> None:
    """Check a topology; every mistake is told with its place, its value and the fix."""
    topology, warnings = load_with_warnings(document)
    for warning in warnings:
        typer.echo(f"warning: {warning.line(str(document))}", err=True)
    typer.echo(f"{topology.name}: {len(topology.regions)} regions, digest {digest(topology)}")
