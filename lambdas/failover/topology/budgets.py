"""How long each step of a machine may take: its state waits for so long, and its function lives no longer."""

from typing import Final

from failover.topology.model import Topology

SLACK_SECONDS: Final = 15
"""What a step that waits may take beside its wait: calls of the store, a cold start."""

LONGEST_WAIT_SECONDS: Final = 600 + 60 + SLACK_SECONDS
"""How long a step that waits may have to live: the longest lease and margin that a topology may have."""


def budgets(topology: Topology) -> dict[str, int]:
    """Return the time limit of each kind of task, in seconds, as ``TimeoutSecondsPath`` reads them.

    A promotion of RDS for PostgreSQL takes "several minutes or longer" (RDS User Guide, read replicas), so a single
    attempt only asks and looks. How long a lease is waited for ``fence_source`` says.
    """
    veto = topology.policy.veto.seconds if topology.policy.veto else 0
    return {
        "step_seconds": 15,
        "promote_seconds": 60,
        "veto_seconds": int(veto) + SLACK_SECONDS,
        "archive_seconds": 120,
        "bake_seconds": max(1, int(topology.policy.bake_seconds)),
    }
