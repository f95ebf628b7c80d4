"""``lifeboat publications``: what databases that never leave their region share with each other."""

from collections.abc import Callable, Iterator
from typing import Annotated

import typer

from cli.options import QUICKSTART, Document
from cli.reading import load_whole
from failover.adapters.aws import AwsAgent
from failover.adapters.world import PATIENT_SECONDS
from failover.procedures import publishing
from failover.sharing import Sharing, SharingAgent
from topology_document.sharings import sharings

publications = typer.Typer(
    help="What databases that never leave their region share with each other, column by column.", no_args_is_help=True
)
Name = Annotated[str | None, typer.Argument(help="One publication; all of the topology without it.")]


@publications.callback()
def about() -> None:
    """What databases that never leave their region share with each other, column by column."""


@publications.command()
def install(publication: Name = None, topology: Document = QUICKSTART) -> None:
    """Make every publication and subscription say what the topology says; safe to repeat."""
    _each(publishing.installed, publication, topology)


@publications.command()
def check(publication: Name = None, topology: Document = QUICKSTART) -> None:
    """Ask every end what differs from the topology, and whether anything personal came through; changes nothing."""
    _each(publishing.looked_at, publication, topology)


def _each(
    do: Callable[[SharingAgent, Sharing], Iterator[publishing.Told]], publication: str | None, topology: Document
) -> None:
    product, infrastructure = load_whole(topology)
    declared = sharings(product, infrastructure.publications)
    if publication is not None and publication not in infrastructure.publications:
        named = ", ".join(infrastructure.publications) or "no publication"
        raise typer.BadParameter(f"got {publication!r}; {product.name} has: {named}")
    agent, wrong = AwsAgent(product, PATIENT_SECONDS), False
    for sharing in declared:
        for told in do(agent, sharing) if publication in (None, sharing.name) else ():
            whose = f"{told.sharing}: {told.end.database} in {told.end.region}"
            for text in told.state.wrong:
                typer.echo(f"{whose}: wrong: {text}", err=True)
            for text in told.state.noted:
                typer.echo(f"{whose}: {text}")
            if not told.state.wrong:
                typer.echo(f"{whose}: {told.step}: as it is declared")
            wrong |= bool(told.state.wrong)
    if wrong:
        raise typer.Exit(1)
