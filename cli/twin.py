"""``lifeboat twin``: the regions on this machine, kept up for as long as one wants."""

import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from cli.options import QUICKSTART
from topology_document import load_whole
from twin.playable import require_playable

twin = typer.Typer(help="The regions of a topology on this machine.", no_args_is_help=True)


@twin.callback()
def about() -> None:
    """The regions of a topology on this machine."""


@twin.command()
def up(
    topology: Annotated[Path, typer.Option(help="The topology to deploy.")] = QUICKSTART,
    keep: Annotated[bool, typer.Option(help="Keep the twin's folder: logs of every function and server.")] = False,
) -> None:
    """Deploy a topology on the twin, print the environment to export, and stay up until Ctrl-C."""
    from twin.twin import Twin

    product = load_whole(topology)
    require_playable()
    stopped = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: _stop(stopped))
    folder = Path("out/twin") if keep else None
    with Twin(*product, told=lambda text: typer.echo(text, err=True), keep=folder) as running:
        for name, value in running.environment().items():
            typer.echo(f"export {name}={value}")
        sys.stdout.flush()
        typer.echo("the twin is up; Ctrl-C ends it", err=True)
        stopped.wait()


def _stop(stopped: threading.Event) -> None:
    """A first Ctrl-C ends a twin that is up; while it still starts, it ends the start."""
    if stopped.is_set():
        raise KeyboardInterrupt
    stopped.set()
