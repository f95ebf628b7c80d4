"""What must hold whatever happens: named predicates over what was recorded."""

from failover.invariants.chronicle import Acknowledged, ApiCall, Chronicle, DnsAnswer, Execution, Promotion, Verdict
from failover.invariants.predicates import INVARIANTS, check

__all__ = [
    "INVARIANTS",
    "Acknowledged",
    "ApiCall",
    "Chronicle",
    "DnsAnswer",
    "Execution",
    "Promotion",
    "Verdict",
    "check",
]
