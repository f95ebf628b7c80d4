"""What must hold whatever happens: named predicates over what was recorded."""

from failover.invariants.chronicle import (
    Acknowledged,
    Answered,
    ApiCall,
    Chronicle,
    DnsAnswer,
    Execution,
    Promotion,
    Verdict,
    WorkDone,
)
from failover.invariants.predicates import INVARIANTS, check

__all__ = [
    "INVARIANTS",
    "Acknowledged",
    "Answered",
    "ApiCall",
    "Chronicle",
    "DnsAnswer",
    "Execution",
    "Promotion",
    "Verdict",
    "WorkDone",
    "check",
]
