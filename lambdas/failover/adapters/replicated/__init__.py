"""The quorum store over replicas of one strongly consistent table, whatever the replicas are made of."""

from failover.adapters.replicated.replica import (
    Condition,
    ConflictError,
    Item,
    NoAnswerError,
    NoneNewer,
    Record,
    Replica,
    ReplicaError,
    StillSeen,
    TurnedAwayError,
)
from failover.adapters.replicated.store import GUARDS, QUICK, STEADY, Patience, ReplicatedStore

__all__ = [
    "Condition",
    "ConflictError",
    "GUARDS",
    "Item",
    "NoAnswerError",
    "NoneNewer",
    "Patience",
    "QUICK",
    "Record",
    "Replica",
    "ReplicaError",
    "ReplicatedStore",
    "STEADY",
    "StillSeen",
    "TurnedAwayError",
]
