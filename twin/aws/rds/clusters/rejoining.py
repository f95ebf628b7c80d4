"""A member of a global database comes behind its writer again, without anybody's doing.

On AWS the service does this after a failover: it rebuilds the old primary from the new one's storage when its region
is there again, and keeps a snapshot of what was on it (Amazon Aurora user guide, "Recovering an Amazon Aurora global
database from an unplanned outage"). Here ``pg_rewind`` does it, and no snapshot is kept.
"""

import logging
import threading
from collections.abc import Callable

from twin.aws.rds.clusters import records
from twin.aws.rds.clusters.records import Cluster, Global, Key
from twin.aws.rds.instances import Instances
from twin.postgres import PostgresError

POLL_SECONDS = 0.1
logger = logging.getLogger(__name__)

Connected = Callable[[str, str], bool]
"""Whether packets pass between two regions."""


class Rejoining:
    """One thread for each member that is not connected."""

    def __init__(self, instances: Instances, connected: Connected, closing: threading.Event) -> None:
        self._instances, self._connected, self._closing = instances, connected, closing
        self._lock = threading.Lock()
        self._under_way: set[Key] = set()

    def begin(self, whole: Global, cluster: Cluster) -> None:
        """Bring a member behind the writer; its server starts as a replica or not at all."""
        key = records.key_of(cluster)
        with self._lock:
            if key in self._under_way:
                return
            self._under_way.add(key)
        self._instances.hold(key)
        told = records.member(whole, cluster)
        if told is not None:
            told["SynchronizationStatus"] = "pending-resync"
        threading.Thread(target=self._run, args=(whole, cluster), name="rds-rejoining", daemon=True).start()

    def _run(self, whole: Global, cluster: Cluster) -> None:
        key = records.key_of(cluster)
        try:
            while not self._done(whole, cluster) and not self._closing.wait(POLL_SECONDS):
                pass
        finally:
            with self._lock:
                self._under_way.discard(key)

    def _done(self, whole: Global, cluster: Cluster) -> bool:
        key, writer = records.key_of(cluster), records.writer_of(whole)
        if writer is cluster or records.find(*key) is not cluster:
            self._instances.release(key)
            return True
        if writer is None or not self._reachable(key, records.key_of(writer)):
            return False
        source, server = self._instances.server(*records.key_of(writer)), self._instances.server(*key)
        try:
            # The control file names the old timeline until the first checkpoint, and pg_rewind reads it there.
            with source.connect() as session:
                session.execute("checkpoint")
            server.stop()
            server.rewind(source)
            started = self._instances.start(key)
        except PostgresError as exc:
            logger.warning("%s does not rejoin yet: %s", key, exc)
            return False
        told = records.member(whole, cluster)
        if started and told is not None:
            told["SynchronizationStatus"] = "connected"
        return started

    def _reachable(self, key: Key, writer: Key) -> bool:
        up = self._instances.is_region_up
        return up(key[0]) and up(writer[0]) and self._connected(key[0], writer[0])
