"""What must hold whatever happens: sixteen named invariants, judged record by record."""

from failover.invariants.chronicle import (
    Acknowledged,
    Answered,
    ApiCall,
    Chronicle,
    Complaint,
    DnsAnswer,
    Execution,
    Promotion,
    Verdict,
    Voted,
    WorkDone,
)
from failover.invariants.invariant import PATIENCE_SECONDS
from failover.invariants.judgement import INVARIANTS, Judgement, check
from failover.invariants.ownership import FORBIDDEN, NOTICE

__all__ = [
    "Acknowledged",
    "Answered",
    "ApiCall",
    "Chronicle",
    "Complaint",
    "DnsAnswer",
    "Execution",
    "FORBIDDEN",
    "INVARIANTS",
    "NOTICE",
    "Judgement",
    "PATIENCE_SECONDS",
    "Promotion",
    "Verdict",
    "Voted",
    "WorkDone",
    "check",
]
