"""What operators order while an incident is open, each an item in the store and a line in the journal."""

import getpass
from datetime import timedelta
from typing import Annotated

import typer

from cli.options import QUICKSTART, Document, Reason
from cli.reading import load
from cli.times import LONGEST_MINUTES, said
from failover.adapters.world import operators_world as world
from failover.procedures import operating

Refuse = Annotated[bool, typer.Option("--refuse", help="Refuse instead: everything is undone.")]


def approve(reason: Reason, refuse: Refuse = False, topology: Document = QUICKSTART) -> None:
    """Answer the incident that waits for an approval; nothing has been done until then."""
    product = load(topology)
    given = operating.approve(world(product), product, getpass.getuser(), reason, refuses=refuse)
    typer.echo(f"recorded: {given.by} {'refuses' if refuse else 'approves of'} {given.about}")


def veto(reason: Reason, topology: Document = QUICKSTART) -> None:
    """Refuse the open incident while its veto hook is being asked."""
    product = load(topology)
    given = operating.veto(world(product), product, getpass.getuser(), reason)
    typer.echo(f"recorded: {given.by} vetoes {given.about}")


def abort(reason: Reason, topology: Document = QUICKSTART) -> None:
    """Undo the open incident at its next step; only before its point of no return."""
    incident = operating.abort(world(load(topology)), getpass.getuser(), reason)
    typer.echo(f"ordered: {incident.id} stops at its next step and is undone")


def skip(
    step: Annotated[str, typer.Argument(help=f"One of {', '.join(operating.SKIPPABLE)}.")],
    reason: Reason,
    topology: Document = QUICKSTART,
) -> None:
    """Leave a step of the open incident out, also while it is being tried again."""
    incident = operating.skip(world(load(topology)), step, getpass.getuser(), reason)
    typer.echo(f"ordered: {incident.id} goes on without {step}: {operating.SKIPPABLE[step]}")


def acknowledge(
    region: Annotated[str, typer.Argument(help="The region whose trouble is handled by hand.")],
    reason: Reason,
    minutes: Annotated[
        int, typer.Option("--for", min=1, max=LONGEST_MINUTES, help="Minutes until it ends by itself.")
    ] = 60,
    topology: Document = QUICKSTART,
) -> None:
    """Take a region's trouble into one's own hands: nothing happens to it by itself for a while."""
    product = load(topology)
    word = operating.acknowledge(
        world(product), product, region, getpass.getuser(), reason, lasts=timedelta(minutes=minutes)
    )
    typer.echo(f"acknowledged until {said(word.until)}: {region}")
