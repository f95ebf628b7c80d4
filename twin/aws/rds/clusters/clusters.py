"""All clusters of one twin: what its RDS hands to them, and what drills do to them."""

import threading
from dataclasses import replace
from typing import Any

from ministack.services import rds as ministack_rds

from twin.aws.rds.api import Action
from twin.aws.rds.clusters import records
from twin.aws.rds.clusters.actions import ClusterActions
from twin.aws.rds.clusters.moves import Moves
from twin.aws.rds.clusters.provisioner import ClusterProvisioner
from twin.aws.rds.clusters.rejoining import Rejoining
from twin.aws.rds.clusters.seats import Seats
from twin.aws.rds.durations import Durations
from twin.aws.rds.faults import PromotionFaults
from twin.aws.rds.instances import Instances
from twin.aws.rds.promotion import Asked
from twin.postgres import Servers


class Clusters:
    """Clusters and global databases between the installation of RDS and its end."""

    def __init__(
        self,
        servers: Servers,
        instances: Instances,
        *,
        faults: PromotionFaults,
        durations: Durations,
        asked: list[Asked],
        closing: threading.Event,
    ) -> None:
        self._instances = instances
        self._cuts: set[frozenset[str]] = set()
        self._rejoining = Rejoining(instances, self.connected, closing)
        self._moves = Moves(
            servers,
            instances,
            self._rejoining,
            connected=self.connected,
            faults=faults,
            durations=durations,
            closing=closing,
        )
        seats = Seats(instances)
        self._actions = ClusterActions(seats, self._moves, faults, asked)
        self._provisioner = ClusterProvisioner(seats)

    def actions(self) -> dict[str, Action]:
        """The API actions that replace or join MiniStack's."""
        return self._actions.table()

    def types(self) -> dict[str, dict[str, Any]]:
        """CloudFormation's types, in the form of MiniStack's table."""
        return self._provisioner.types()

    def dated(self, asked: Asked) -> Asked:
        """Return a promotion with the time at which its cluster's server was promoted, if it is one of a cluster."""
        at = self._moves.done_at.get((asked.region, asked.identifier))
        return replace(asked, done_at=at) if at is not None and at >= asked.at and asked.accepted else asked

    def connected(self, one: str, other: str) -> bool:
        """Whether packets pass between two regions."""
        return frozenset((one, other)) not in self._cuts

    def cut(self, source_region: str, replica_region: str) -> list[str]:
        """Note a cut between two regions; returns the clusters in the second that follow a writer in the first."""
        self._cuts.add(frozenset((source_region, replica_region)))
        return self._following(source_region, replica_region)

    def mend(self, source_region: str, replica_region: str) -> list[str]:
        """Take ``cut`` back."""
        self._cuts.discard(frozenset((source_region, replica_region)))
        return self._following(source_region, replica_region)

    def recover(self, region: str, identifier: str) -> None:
        """Start a cluster's server again after a crash: as it is on disk, if it is still the writer."""
        if records.find(region, identifier) is not None:
            self._instances.start((region, identifier))

    def _following(self, source_region: str, replica_region: str) -> list[str]:
        found = []
        for cluster in list(ministack_rds._clusters._data.values()):
            region, identifier = records.key_of(cluster)
            whole = records.global_of(cluster)
            writer = records.writer_of(whole) if whole is not None else None
            followed = records.key_of(writer)[0] if writer is not None and writer is not cluster else None
            if (followed, region) == (source_region, replica_region):
                found.append(identifier)
        return found
