"""The ports on AWS. Each adapter translates a service's errors once, into those of ``failover.errors``."""

from failover.adapters.aws.agent import AwsAgent
from failover.adapters.aws.last_known import AwsLastKnown
from failover.adapters.aws.machines import AwsMachines
from failover.adapters.aws.pager import AwsPager
from failover.adapters.aws.replicas import AwsReplicas
from failover.adapters.aws.store import AwsStore
from failover.adapters.aws.telemetry import AwsTelemetry

__all__ = ["AwsAgent", "AwsLastKnown", "AwsMachines", "AwsPager", "AwsReplicas", "AwsStore", "AwsTelemetry"]
