"""Puts the extensions into MiniStack's tables, and is what the twin and its drills talk to."""

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from ministack.services import rds as ministack_rds
from ministack.services.cloudformation import provisioners, stacks

from twin.aws.patches import Patches
from twin.aws.rds import records
from twin.aws.rds.actions import Actions
from twin.aws.rds.api import Unanswered
from twin.aws.rds.clusters import Clusters
from twin.aws.rds.clusters.provisioner import CLUSTER
from twin.aws.rds.durations import Durations
from twin.aws.rds.events import Events, PutAwsEvent
from twin.aws.rds.faults import PromotionFaults
from twin.aws.rds.instances import Place
from twin.aws.rds.lifecycle import Lifecycle
from twin.aws.rds.movable import MovableInstances
from twin.aws.rds.promotion import Asked, Promotions
from twin.aws.rds.provisioner import TYPE, Provisioner, replaces
from twin.aws.rds.records import Record
from twin.aws.rds.renaming import Renaming
from twin.postgres import Credentials, Server, Servers

NETWORK = "network"
LAG = "lag"


class Rds:
    """RDS of all regions of one twin, between ``install`` and ``close``; also a context.

    Args:
        servers: where the PostgreSQL servers come from; their owner closes them after this.
        place: (region, DB instance identifier) → (address, port) for the instance's server.
        put_aws_event: takes a region and an event in EventBridge's shape; not called for a region that is down.
        durations: how long RDS takes on top of PostgreSQL.
    """

    def __init__(
        self,
        servers: Servers,
        *,
        place: Place,
        put_aws_event: PutAwsEvent,
        durations: Durations | None = None,
    ) -> None:
        self.faults = PromotionFaults()
        self._durations = durations or Durations()
        self._closing = threading.Event()
        self._patches = Patches()
        self._put_aws_event = put_aws_event
        events = Events(self._tell)
        self._instances = MovableInstances(servers, place, events)
        self._promotions = promotions = Promotions(self._instances, self.faults, events, self._durations, self._closing)
        lifecycle = Lifecycle(self._instances, events, self._durations, self._closing)
        self._actions = Actions(self._instances, promotions, lifecycle, self.faults)
        self._renaming = Renaming(self._instances, self._durations, self._closing)
        self._clusters = Clusters(
            servers,
            self._instances,
            faults=self.faults,
            durations=self._durations,
            asked=promotions.asked,
            closing=self._closing,
        )
        self._provisioner = Provisioner(self._instances, promotions)

    def __enter__(self) -> Self:
        self.install()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def install(self) -> None:
        """Register with MiniStack, in this process."""
        patch = self._patches
        for name, action in {
            **self._actions.table(),
            **self._renaming.actions(),
            **self._clusters.actions(),
        }.items():
            patch.replace_item(ministack_rds._ACTION_MAP, name, action)
        # A machine with Docker would otherwise start containers of its own for the same instances.
        patch.replace(ministack_rds, "_get_docker", lambda: None)
        patch.replace(ministack_rds, "_rotate_instance_password", self._rotate_password)
        patch.replace(ministack_rds, "handle_request", self._silent(ministack_rds.handle_request))
        # By name as well as in the table: MiniStack's own update replaces through the module's names.
        patch.replace(provisioners, "_rds_db_instance_create", self._provisioner.create)
        patch.replace(provisioners, "_rds_db_instance_delete", self._provisioner.delete)
        handlers = {
            "create": self._provisioner.create,
            "update": self._provisioner.update,
            "delete": self._provisioner.delete,
        }
        patch.replace_item(provisioners._RESOURCE_HANDLERS, TYPE, {**provisioners._RESOURCE_HANDLERS[TYPE], **handlers})
        for name, entry in self._clusters.types().items():
            patch.replace_item(provisioners._RESOURCE_HANDLERS, name, entry)
        named = provisioners._CUSTOM_NAME_REPLACEMENT[TYPE]
        create_only = named["requires_replacement"]
        patch.replace_item(named, "requires_replacement", lambda old, new: create_only(old, new) or replaces(old, new))
        # Starting a server blocks: on the event loop it would stop every other service meanwhile.
        blocks = stacks._runs_on_worker_thread
        patch.replace(stacks, "_runs_on_worker_thread", lambda kind: kind in (TYPE, CLUSTER) or blocks(kind))

    def close(self) -> None:
        """Let go of MiniStack and of promotions under way; safe to repeat."""
        self._closing.set()
        self._patches.undo()

    # --- what the twin reads -----------------------------------------------------------------------------

    def endpoints(self) -> dict[str, str]:
        """DNS name of each instance (``<id>.c0twin.<region>.rds.amazonaws.com``) → address of its server."""
        return self._instances.endpoints()

    def promotions(self) -> tuple[Asked, ...]:
        """Return every promotion that was asked for through the API, of instances and of clusters."""
        return tuple(self._clusters.dated(each) for each in self._promotions.asked)

    def server(self, region: str, identifier: str) -> Server:
        """Return the PostgreSQL server of an instance.

        Raises:
            PostgresError: the instance has none.
        """
        return self._instances.server(region, identifier)

    def bind(self, region: str, name: str, endpoint: str, source: Server | None, master: Credentials) -> Server:
        """Start the server of a host of one's own: it lives and dies with its region as an instance's does."""
        self._instances.bind((region, name), endpoint, source, master)
        return self._instances.server(region, name)

    # --- what drills do ----------------------------------------------------------------------------------

    def region_down(self, region: str) -> None:
        """Kill every server of a region at one blow."""
        self._instances.region_down(region)

    def region_up(self, region: str) -> None:
        """Start a region's servers as they are on disk: a dead primary is a primary of its old timeline."""
        self._instances.region_up(region)

    def instance_down(self, region: str, identifier: str) -> None:
        """Kill one instance's server: status ``failed``, and RDS says so on EventBridge."""
        self._instances.crash(region, identifier)

    def disk_full(self, region: str, identifier: str) -> None:
        """Fill one instance's disk: status ``storage-full``, and its server ends; ``instance_up`` gives it room."""
        self._instances.fill_disk(region, identifier)

    def instance_up(self, region: str, identifier: str) -> None:
        """Start a crashed instance again."""
        self._instances.recover(region, identifier)
        self._clusters.recover(region, identifier)

    def replica_lags(self, region: str, identifier: str) -> None:
        """Let a replica receive no WAL: its lag grows from here on."""
        self._instances.cut_replication(region, identifier, reason=LAG)

    def replica_catches_up(self, region: str, identifier: str) -> None:
        """Let a lagging replica receive WAL again."""
        self._instances.mend_replication(region, identifier, reason=LAG)

    def cut(self, source_region: str, replica_region: str) -> None:
        """Stop replication from one region to the other, as a cut network does."""
        followers = self._clusters.cut(source_region, replica_region)
        for identifier in [*self._instances.replicas_between(source_region, replica_region), *followers]:
            self._instances.cut_replication(replica_region, identifier, reason=f"{NETWORK} {source_region}")

    def mend(self, source_region: str, replica_region: str) -> None:
        """Take ``cut`` back."""
        followers = self._clusters.mend(source_region, replica_region)
        for identifier in [*self._instances.replicas_between(source_region, replica_region), *followers]:
            self._instances.mend_replication(replica_region, identifier, reason=f"{NETWORK} {source_region}")

    # --- inside ------------------------------------------------------------------------------------------

    def _tell(self, region: str, event: dict[str, Any]) -> None:
        if self._instances.is_region_up(region) and not self._closing.is_set():
            self._put_aws_event(region, event)

    def _rotate_password(self, record: Record, _old: str, _new: str) -> None:
        if not records.is_replica(record):
            self._instances.change_password(record)

    def _silent(self, handle: Callable[..., Any]) -> Callable[..., Any]:
        async def handle_request(*request: Any) -> Any:
            response = await handle(*request)
            if isinstance(response, Unanswered):
                # Slices, so that closing the twin need not wait for it.
                for _ in range(round(self._durations.unanswered_seconds / 0.1)):
                    if self._closing.is_set():
                        break
                    await asyncio.sleep(0.1)
                response = ministack_rds._error("InternalFailure", "The request was not answered in time.", 500)
            return response

        return handle_request
