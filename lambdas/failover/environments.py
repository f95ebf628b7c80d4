"""What each function is told by its environment: one class per function, written by ``stacks``, read by ``runtime``.

The class is the whole contract between a stack and a function: a stack cannot forget a variable and a
function cannot read one that nobody sets. The topology itself is a file of the asset (``topology.json``),
since Lambda's environment ends at 4 KB.
"""

from dataclasses import dataclass, field

from failover.environment import Environment
from failover.routing_environments import (  # noqa: F401 - every function's environment is found here
    AnswerBalancerEnvironment,
    InvalidateCachesEnvironment,
    ReturnUsersEnvironment,
    SteerRoutesEnvironment,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreEnvironment(Environment):
    """A function that uses the quorum store, through the first of ``quorum_regions`` that answers."""

    quorum_table: str
    quorum_regions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PagingEnvironment(StoreEnvironment):
    """A function that may page people."""

    pages_topic_arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseEnvironment(Environment):
    """A function inside a region's VPC that speaks SQL: database name → ``host:port`` of its copy there."""

    endpoints: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRegionsEnvironment(StoreEnvironment):
    """See ``probe_regions``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideFailoverEnvironment(PagingEnvironment):
    """See ``decide_failover``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAdvisoryEnvironment(StoreEnvironment):
    """See ``note_advisory``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginPracticeEnvironment(StoreEnvironment):
    """See ``begin_practice``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLeverEnvironment(StoreEnvironment):
    """See ``answer_lever``; ``local_table`` keeps the last known answer."""

    local_table: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseAgentEnvironment(DatabaseEnvironment):
    """See ``database_agent``; ``bucket`` is its own region's, for what old writers alone had."""

    bucket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardLeaseEnvironment(DatabaseEnvironment):
    """See ``guard_lease``."""

    quorum_table: str
    quorum_regions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveJournalEnvironment(StoreEnvironment):
    """See ``archive_journal``; ``bucket`` is its own region's, and locked."""

    bucket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RollOutModelsEnvironment(StoreEnvironment):
    """See ``roll_out_models``; what the document says of each model, as ``ModelPlan`` has it."""

    models: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateSecretEnvironment(StoreEnvironment):
    """See ``rotate_secret``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivePromiseEnvironment(StoreEnvironment):
    """See ``give_promise``; its promises are in the region's own table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardDeploymentEnvironment(StoreEnvironment):
    """See ``guard_deployment``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIncidentEnvironment(StoreEnvironment):
    """See ``open_incident``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareCapacityEnvironment(StoreEnvironment):
    """See ``prepare_capacity``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromoteCacheEnvironment(StoreEnvironment):
    """See ``promote_cache``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReplicationEnvironment(PagingEnvironment):
    """See ``check_replication``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitApprovalEnvironment(StoreEnvironment):
    """See ``await_approval``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskVetoEnvironment(StoreEnvironment):
    """See ``ask_veto``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReadinessEnvironment(StoreEnvironment):
    """See ``check_readiness``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftTrafficEnvironment(StoreEnvironment):
    """See ``shift_traffic``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeLeaseEnvironment(StoreEnvironment):
    """See ``revoke_lease``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FenceSourceEnvironment(StoreEnvironment):
    """See ``fence_source``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitLeaseEnvironment(StoreEnvironment):
    """See ``await_lease``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseTargetEnvironment(StoreEnvironment):
    """See ``choose_target``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromoteDatabaseEnvironment(StoreEnvironment):
    """See ``promote_database``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmitWriterEnvironment(StoreEnvironment):
    """See ``admit_writer``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyTargetEnvironment(StoreEnvironment):
    """See ``verify_target``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyTrafficEnvironment(StoreEnvironment):
    """See ``verify_traffic``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseIncidentEnvironment(StoreEnvironment):
    """See ``close_incident``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnounceOutcomeEnvironment(PagingEnvironment):
    """See ``announce_outcome``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveTailEnvironment(StoreEnvironment):
    """See ``archive_tail``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejoinDatabaseEnvironment(StoreEnvironment):
    """See ``rejoin_database``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitReplicaEnvironment(StoreEnvironment):
    """See ``await_replica``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnTrafficEnvironment(StoreEnvironment):
    """See ``return_traffic``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighFailureEnvironment(StoreEnvironment):
    """See ``weigh_failure``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegrantLeaseEnvironment(StoreEnvironment):
    """See ``regrant_lease``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearEvacuationEnvironment(StoreEnvironment):
    """See ``clear_evacuation``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TellTroubleEnvironment(PagingEnvironment):
    """See ``tell_trouble``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldForOperatorEnvironment(PagingEnvironment):
    """See ``hold_for_operator``."""
