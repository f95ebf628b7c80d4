"""What a drill may do to AWS: lose regions, services and paths, and spoil single calls."""

from twin.aws.outages.faults import CallFaults
from twin.aws.outages.outages import Outages
from twin.aws.outages.rules import ANYWHERE, Failure

__all__ = ["ANYWHERE", "CallFaults", "Failure", "Outages"]
