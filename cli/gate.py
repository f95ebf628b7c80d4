"""``lifeboat gate``: the check inside the databases that a write has a valid lease."""

from typing import Annotated

import typer

from cli.options import QUICKSTART, Document
from cli.reading import load
from failover.adapters.world import operators_world
from failover.topology import DatasetKind

gate = typer.Typer(help="The check inside the databases that a write has a valid lease.", no_args_is_help=True)


@gate.callback()
def about() -> None:
    """The check inside the databases that a write has a valid lease."""


@gate.command()
def install(
    database: Annotated[str | None, typer.Argument(help="One database; all of the topology without it.")] = None,
    topology: Document = QUICKSTART,
) -> None:
    """Install the gate where each database is written, or bring it up to date; new tables get it too."""
    product = load(topology)
    names = [each.name for each in product.databases if each.kind is DatasetKind.SINGLE]
    if database is not None and database not in names:
        raise typer.BadParameter(f"got {database!r}; {product.name} has: {', '.join(names)}")
    world = operators_world(product)
    for name in names if database is None else [database]:
        writer = world.store.database(name).writer
        state = world.agent.install(name, writer)
        told = f"open under epoch {state.gate_epoch}" if state.gate_open else "shut"
        typer.echo(f"{name} in {writer}: installed; the gate is {told}")
