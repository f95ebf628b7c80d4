"""The ports on AWS. Each adapter translates a service's errors once, into those of ``failover.errors``."""

from failover.adapters.aws.agent import AwsAgent
from failover.adapters.aws.caches import AwsCaches
from failover.adapters.aws.compute import AwsCompute
from failover.adapters.aws.journal import AwsJournalShelf, AwsJournalSource
from failover.adapters.aws.last_known import AwsLastKnown
from failover.adapters.aws.machines import AwsMachines
from failover.adapters.aws.objects import AwsObjects
from failover.adapters.aws.pager import AwsPager
from failover.adapters.aws.promises import AwsPromisers, AwsPromises
from failover.adapters.aws.replicas import AwsReplicas
from failover.adapters.aws.store import AwsStore
from failover.adapters.aws.tails import AwsTailShelf
from failover.adapters.aws.telemetry import AwsTelemetry
from failover.adapters.aws.vault import AwsVault
from failover.adapters.aws.veto import AwsVeto

__all__ = [
    "AwsAgent",
    "AwsCaches",
    "AwsCompute",
    "AwsJournalShelf",
    "AwsJournalSource",
    "AwsLastKnown",
    "AwsMachines",
    "AwsObjects",
    "AwsPager",
    "AwsPromisers",
    "AwsPromises",
    "AwsReplicas",
    "AwsStore",
    "AwsTailShelf",
    "AwsTelemetry",
    "AwsVault",
    "AwsVeto",
]
