"""How many processes play: more than have anything to play, or than the machine can carry, only stand in its way."""

import os
from typing import Final

import typer

PER_CORE: Final = 4


def processes(asked: int, pieces: int | None = None) -> int:
    """Return as many as were asked for and make sense; ``pieces`` of work are there, ``None``: no end of them."""
    most = PER_CORE * (os.cpu_count() or 1)
    if asked > most:
        typer.echo(f"--jobs {asked}: {most} processes, {PER_CORE} for each core, are the most that help", err=True)
    return max(1, min(asked, most, asked if pieces is None else pieces))
