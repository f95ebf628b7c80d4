"""What the hosts of a self-managed database are told, and whom they speak to: computed from the document alone."""

from dataclasses import dataclass
from typing import Any, Final

from failover.topology import Database, Names
from topology_document.infrastructure import Infrastructure
from topology_document.infrastructure.hosts import HostSection

PORT: Final = 5432


@dataclass(frozen=True, slots=True)
class Hosting:
    """One self-managed database with its hosts' settings and its publications."""

    names: Names
    database: Database
    infrastructure: Infrastructure

    @property
    def settings(self) -> HostSection:
        """What the document says of the hosts, or the defaults."""
        return self.infrastructure.hosts.get(self.database.name, HostSection())

    @property
    def instance_type(self) -> str:
        """The hosts' instance type: what RDS calls a class, without its prefix."""
        return self.database.instance_class.removeprefix("db.")

    @property
    def receivers(self) -> tuple[str, ...]:
        """The databases that receive what this one publishes."""
        found = [
            receiver
            for each in self.infrastructure.publications.values()
            if self.database.name in each.databases
            for receiver in each.receivers
            if receiver != self.database.name
        ]
        return tuple(dict.fromkeys(found))

    @property
    def sources(self) -> tuple[str, ...]:
        """The databases that this one receives from."""
        found = [
            source
            for each in self.infrastructure.publications.values()
            if self.database.name in each.receivers
            for source in each.databases
            if source != self.database.name
        ]
        return tuple(dict.fromkeys(found))

    def networks(self, region: str) -> tuple[str, ...]:
        """The networks whose hosts and functions may reach the servers of a region, its own first."""
        topology = self.names.topology
        spoken_to = [region, *self.database.regions]
        for name in self.receivers:
            spoken_to += topology.database(name).regions
        return tuple(dict.fromkeys(topology.region(each).cidr for each in spoken_to))

    def secrets(self) -> dict[str, str]:
        """The secrets that a host reads, by what they are for."""
        names, database = self.names, self.database.name
        return {"owner": names.database_secret(database), "replication": names.replication_secret(database)}

    def told(self, region: str) -> dict[str, Any]:
        """Return what is the same for all hosts of a region; ``stacks.host`` reads it."""
        database, settings = self.database, self.settings
        return {
            "database": database.name,
            "region": region,
            "major_version": settings.major_version,
            "timescaledb": settings.timescaledb,
            "storage_gib": database.storage_gib,
            "networks": list(self.networks(region)),
            "secrets": self.secrets(),
            "bucket": self.names.bucket(region),
            "prefix": self.names.host_backups(database.name),
            "backup_hour": settings.backup_hour,
            "kept_full_backups": settings.kept_full_backups,
            "archive_seconds": settings.archive_seconds,
            "log_group": self.names.host_log(database.name),
        }
