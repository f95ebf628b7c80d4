"""Instances whose server may get another identifier, and with it another place."""

from twin.aws.rds import records
from twin.aws.rds.instances import Instances
from twin.aws.rds.records import Record


class MovableInstances(Instances):
    """The servers behind the records, and their renaming."""

    def rename(self, record: Record, identifier: str) -> None:
        """Give a record's server another identifier, and thereby another place; it restarts.

        Raises:
            PostgresError: it does not start.
            KeyError: there is no place for that identifier.
        """
        region, old = self._key(record)
        address, _ = self._place(region, identifier)
        server = self.server_of(record)
        server.stop()
        self._servers.rename(server, f"{region}.{identifier}", address)
        with self._lock:
            self._bound[region, identifier] = self._bound.pop((region, old))
            self._addresses.pop(records.endpoint(region, old), None)
            self._addresses[records.endpoint(region, identifier)] = address
            self._cuts = {(why, (region, identifier) if at == (region, old) else at) for why, at in self._cuts}
            if region not in self._dead_regions:
                server.start()

    def follow_again(self, record: Record) -> None:
        """Let a replica look for its source where it is by now, unless something keeps them apart."""
        with self._lock:
            if all(at != self._key(record) for _, at in self._cuts):
                self.server_of(record).resume_receiving()
