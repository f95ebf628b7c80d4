"""What operators say to a deployed control plane, with the rights of their own credentials."""

import getpass
from datetime import timedelta
from typing import Annotated

import typer

from cli.options import QUICKSTART, Document, Reason
from cli.reading import load
from cli.times import LONGEST_MINUTES, said
from failover.adapters.world import operators_world as world
from failover.procedures import archiving, initialising, operating
from failover.topology import Topology


def init(topology: Document = QUICKSTART) -> None:
    """Begin the life of a deployed topology: gates, roles, the first writers' leases. Safe to repeat."""
    product = load(topology)
    begun = initialising.initialise(world(product), product)
    typer.echo("begun" if begun else "it has begun already; nothing was changed")


def consent(
    database: Annotated[str, typer.Argument(help="The database that may lose writes.")],
    reason: Reason,
    refuse: Annotated[bool, typer.Option("--refuse", help="Refuse instead: everything is undone.")] = False,
    tail: Annotated[bool, typer.Option("--tail", help="To rebuilding a copy that cannot be read whole.")] = False,
    topology: Document = QUICKSTART,
) -> None:
    """Consent to promoting a database although its loss bound is over the objective, or unknown."""
    product = load(topology)
    _known_database(product, database)
    if tail:
        word = archiving.consent_to_gaps(world(product), product, database, getpass.getuser(), reason)
        typer.echo(f"recorded: {word.by} consents to an incomplete tail of {database}")
        return
    given = operating.consent(world(product), product, database, getpass.getuser(), reason, refuses=refuse)
    typer.echo(f"recorded: {given.by} {'refuses to lose' if refuse else 'consents to losing'} data of {database}")


def pause(
    reason: Reason,
    minutes: Annotated[
        int, typer.Option("--for", min=1, max=LONGEST_MINUTES, help="Minutes until it ends by itself.")
    ] = 60,
    topology: Document = QUICKSTART,
) -> None:
    """Stop all automatic action for a while; detection goes on."""
    ordered = operating.pause(world(load(topology)), getpass.getuser(), reason, timedelta(minutes=minutes))
    typer.echo(f"paused until {said(ordered.until)}")


def resume(topology: Document = QUICKSTART) -> None:
    """End a pause."""
    operating.resume(world(load(topology)), getpass.getuser())
    typer.echo("resumed")


def _known_database(product: Topology, database: str) -> None:
    known = ", ".join(each.name for each in product.databases)
    if database not in {each.name for each in product.databases}:
        raise typer.BadParameter(f"got {database!r}; {product.name} has: {known}")
