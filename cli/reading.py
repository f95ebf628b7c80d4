"""A topology in the environment that the command was asked for: ``lifeboat --environment staging status``."""

import os
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Final

import typer

import topology_document
from failover.topology import Topology
from topology_document import Infrastructure
from topology_document.infrastructure.environment import Environment

VARIABLE: Final = "LIFEBOAT_ENVIRONMENT"
_ASKED: Final[ContextVar[Environment | None]] = ContextVar("environment", default=None)

EnvironmentOption = Annotated[
    Environment | None,
    typer.Option(envvar=VARIABLE, help="Production, where none is said; the names of all others end in theirs."),
]


def asked_for(environment: EnvironmentOption = None) -> None:
    """Multi-region failover for AWS, and the twin on which it is proved."""
    _ASKED.set(environment)


def also_asked_for(environment: Environment | None) -> Environment | None:
    """Take the environment that a command itself was given, where it was; return the one that counts."""
    if environment is not None:
        _ASKED.set(environment)
    return _ASKED.get()


def load(path: str | os.PathLike[str]) -> Topology:
    """Return the topology of a file in that environment; raises ``TopologyError``."""
    return topology_document.load(Path(path), _ASKED.get())


def load_whole(path: str | os.PathLike[str]) -> tuple[Topology, Infrastructure]:
    """Return also what else its stacks build; raises ``TopologyError``."""
    return topology_document.load_whole(Path(path), _ASKED.get())
