"""The only reader of the process environment: it makes the adapters, each when it is first needed.

Clients are made lazily and kept for the life of the execution environment. Calls are bounded: whatever waits on
another region waits on a fixed box.
"""

import json
import os
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TypeVar

from failover.environment import Environment
from failover.environments import (
    AnswerLeverEnvironment,
    ArchiveJournalEnvironment,
    DatabaseAgentEnvironment,
    GuardLeaseEnvironment,
)
from failover.ports import Ports
from failover.procedures.desk import DatabaseDesk
from failover.procedures.guarding import GuardPorts
from failover.procedures.journal_keeping import JournalShelf, JournalSource
from failover.procedures.lever import Lever
from failover.topology import Names, Topology, parse

E = TypeVar("E", bound=Environment)

TOPOLOGY_FILE = Path(__file__).parent.parent / "topology.json"


def environment(kind: type[E]) -> E:
    """Return this function's environment; ``KeyError`` names a variable that its stack did not set."""
    return kind.from_variables(os.environ)


@cache
def topology() -> Topology:
    """Return the topology that was deployed with this function's code."""
    return parse(json.loads(TOPOLOGY_FILE.read_text("utf-8")))


@cache
def here() -> str:
    """Return the region that this function runs in."""
    return os.environ["AWS_REGION"]


@cache
def ports() -> Ports:
    """Return the world as a step sees it; no client is made before it is called."""
    from failover.adapters.world import world

    return world(topology(), here())


def rehearse() -> None:
    """Do what every step does first, so that a warming call proves something."""
    if "LIFEBOAT_QUORUM_TABLE" in os.environ:
        ports().store.control()


@cache
def lever() -> Lever:
    """Return the lever of this region, with what it last knew."""
    from failover.adapters.aws import AwsLastKnown
    from failover.adapters.world import quick_store

    told = environment(AnswerLeverEnvironment)
    return Lever(topology(), quick_store(topology()), AwsLastKnown(told.local_table, here()), ports().clock)


@cache
def journals() -> tuple[JournalSource, JournalShelf]:
    """Return where the journal is written, and where this region keeps it."""
    from failover.adapters.aws import AwsJournalShelf, AwsJournalSource

    told = environment(ArchiveJournalEnvironment)
    return AwsJournalSource(told.quorum_table, told.quorum_regions), AwsJournalShelf(told.bucket, here())


@cache
def promising_ports() -> Ports:
    """Return the world of whoever promises: a guard waits for the answer, so the store gets one short try."""
    from failover.adapters.world import quick_store

    return replace(ports(), store=quick_store(topology()))


@cache
def database_desk() -> DatabaseDesk:
    """Return the desk of this region's copies."""
    from failover.adapters.aws import AwsTailShelf
    from runtime.databases import copies, sharing_ends

    names, told = Names(topology()), environment(DatabaseAgentEnvironment)
    near, ends = copies(names, here(), told.endpoints), sharing_ends(topology(), here(), told.endpoints)
    return DatabaseDesk(near, AwsTailShelf(told.bucket, here()), ends)


@cache
def guard_ports() -> GuardPorts:
    """Return what a guard may touch."""
    from failover.adapters.aws import AwsPromisers
    from failover.adapters.world import guards_store
    from runtime.databases import copies

    told = environment(GuardLeaseEnvironment)
    near = copies(Names(topology()), here(), told.endpoints)
    world = ports()
    store, promisers = guards_store(topology()), AwsPromisers(topology())
    return GuardPorts(here(), world.clock, store, promisers, near, world.telemetry)
