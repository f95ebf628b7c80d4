"""AWS on the twin: MiniStack in process, with extensions for what a failover needs and MiniStack lacks."""

from twin.aws import settings as _settings  # first: it imports MiniStack under the right environment
from twin.aws.calls import Call, CallCounter
from twin.aws.edge import Edge
from twin.aws.emulated_aws import ACCOUNT, EmulatedAws
from twin.aws.errors import NotEmulatedError, NotStartedError
from twin.aws.http_apis import ApiAnswer, HttpApis
from twin.aws.outages import ANYWHERE, CallFaults, Failure, Outages

__all__ = [
    "ACCOUNT",
    "ANYWHERE",
    "ApiAnswer",
    "Call",
    "CallCounter",
    "CallFaults",
    "Edge",
    "EmulatedAws",
    "Failure",
    "HttpApis",
    "NotEmulatedError",
    "NotStartedError",
    "Outages",
]
del _settings
