"""Hosts of self-managed databases: an instance with the right name is a real PostgreSQL server of the twin.

What a host runs by itself on AWS (packages, disk, archive, agent) is only recorded; the logins are made by the SQL that
the host's own program has. A second host of the same copy, its standby, is recorded and no more.
"""

from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self

from ministack.core.responses import get_region
from ministack.services.cloudformation import provisioners, stacks

from failover.topology import Engine, Names, Topology
from stacks.host.files import PROMOTES, quoted, roles
from twin.aws.cloudformation.resource import Made, Properties, ProvisioningError, ResourceType
from twin.aws.patches import Patches
from twin.aws.rds import Rds
from twin.network.addresses import AddressPlan
from twin.postgres import Credentials

INSTANCE: Final = "AWS::EC2::Instance"
INTERFACE: Final = "AWS::EC2::NetworkInterface"
OWNER: Final = "lifeboat_owner"

Password = Callable[[str, str], str]
"""(secret's name, region) → the password in it."""


class PostgresHosts:
    """The hosts of one twin, between ``install`` and ``close``; also a context."""

    def __init__(self, topology: Topology, plan: AddressPlan, rds: Rds, password: Password) -> None:
        self._plan, self._rds, self._password, self._patches = plan, rds, password, Patches()
        self._names = names = Names(topology)
        self._hosts = {
            (names.database_host(database.name, region), region): database
            for database in topology.databases
            if database.engine is Engine.SELF_MANAGED_POSTGRES
            for region in database.regions
        }

    def __enter__(self) -> Self:
        self.install()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def install(self) -> None:
        """Register with MiniStack, in this process."""
        table = provisioners._RESOURCE_HANDLERS
        for kind in (
            ResourceType(INTERFACE, self._interface, _gone, _unchanged),
            ResourceType(INSTANCE, self._instance, _gone, _unchanged),
        ):
            self._patches.replace_item(table, kind.name, kind.handlers())
        blocks = stacks._runs_on_worker_thread
        self._patches.replace(stacks, "_runs_on_worker_thread", lambda kind: kind == INSTANCE or blocks(kind))

    def close(self) -> None:
        """Let go of MiniStack; safe to repeat."""
        self._patches.undo()

    def _interface(self, logical_id: str, properties: Properties, stack: str) -> Made:
        region, name = get_region(), _name(properties)
        database = self._hosts.get((name, region))
        address = "10.0.0.1" if database is None else self._plan.database(database.name, region)
        made = f"eni-{stack}-{logical_id}"
        return made, {"Id": made, "PrimaryPrivateIpAddress": address}

    def _instance(self, logical_id: str, properties: Properties, stack: str) -> Made:
        region, name = get_region(), _name(properties)
        database = self._hosts.get((name, region))
        made = f"i-{stack}-{logical_id}"
        if database is None:
            return made, {"InstanceId": made}
        names = self._names
        born = database.born_primary
        owner = self._password(names.database_secret(database.name), region)
        master = Credentials(OWNER, owner, database.name.replace("-", "_"))
        source = None if region == born else self._rds.server(born, names.database_host(database.name, born))
        try:
            server = self._rds.bind(region, name, names.database_address(database.name, region), source, master)
            if source is None:
                replication = self._password(names.replication_secret(database.name), region)
                with server.connect() as session:
                    session.execute(roles(quoted(owner), quoted(replication)).encode())
                with server.connect(master.database) as session:
                    session.execute(PROMOTES)
        except Exception as exc:
            raise ProvisioningError(f"{INSTANCE}: {name}: {exc}") from exc
        return made, {"InstanceId": made}


def _name(properties: Properties) -> str:
    tags: list[dict[str, Any]] = properties.get("Tags") or []
    return next((str(tag["Value"]) for tag in tags if tag.get("Key") == "Name"), "")


def _gone(_made: str, _properties: Properties) -> None:
    """Servers end with the twin; no template of ours deletes a host."""


def _unchanged(made: str, _properties: Properties) -> Made:
    return made, {"Id": made, "InstanceId": made}
