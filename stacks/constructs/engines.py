"""What is built for a region's copy of a database, by its engine."""

from collections.abc import Callable
from typing import Final, Protocol

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from failover.topology import Engine
from stacks.constructs.aurora_alarms import AuroraAlarms
from stacks.constructs.aurora_copy import AuroraCopy
from stacks.constructs.database_alarms import DatabaseAlarms
from stacks.constructs.database_copy import DatabaseCopy
from stacks.constructs.self_managed_copy import SelfManagedCopy


class Copy(Protocol):
    """What the rest of a region needs of a copy, whatever its engine."""

    name: str

    @property
    def endpoint(self) -> str:
        """``host:port`` of this copy; an engine whose replicas are elsewhere adds their ``host:port`` after a comma."""

    def allow_from(self, peer: ec2.IConnectable, description: str) -> None:
        """Let a security group reach the database; nothing else can."""


COPIES: Final[dict[Engine, Callable[..., Copy]]] = {
    Engine.RDS_POSTGRES: DatabaseCopy,
    Engine.AURORA_POSTGRES: AuroraCopy,
    Engine.SELF_MANAGED_POSTGRES: SelfManagedCopy,
}
ALARMS: Final[dict[Engine, Callable[..., Construct]]] = {
    Engine.RDS_POSTGRES: DatabaseAlarms,
    Engine.AURORA_POSTGRES: AuroraAlarms,
}
