"""What a deployment may not do to a world that has changed since the last one.

A template says what each copy was born as; who writes now is in the quorum store. So CloudFormation must never
promote, rebuild or remove what holds data, and must change nothing at all while an incident is open.
"""

from failover.procedures.deploy_guard.changes import Action, Change, differences
from failover.procedures.deploy_guard.hook import Payloads, PayloadUnreadableError, guard_deployment
from failover.procedures.deploy_guard.judging import (
    Reading,
    Verdict,
    judge_change,
    judge_changes,
    judge_stack,
    look,
)
from failover.procedures.deploy_guard.kept import KEPT, POLICIES, SOURCES, Kept, kept
from failover.procedures.deploy_guard.words import begin_deploying, end_deploying, override

__all__ = [
    "Action",
    "Change",
    "KEPT",
    "Kept",
    "POLICIES",
    "PayloadUnreadableError",
    "Payloads",
    "Reading",
    "SOURCES",
    "Verdict",
    "begin_deploying",
    "differences",
    "end_deploying",
    "guard_deployment",
    "judge_change",
    "judge_changes",
    "judge_stack",
    "kept",
    "look",
    "override",
]
