"""Which server belongs to which DB instance, where it listens, and whether its region is alive."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from psycopg import sql

from twin.aws.rds import records
from twin.aws.rds.events import Events, RdsEvent
from twin.aws.rds.records import Record
from twin.postgres import Credentials, PostgresError, Server, Servers
from twin.postgres.troubles import fill_disk

# (region, DB instance identifier) → (address, port) of its server
Place = Callable[[str, str], tuple[str, int]]
Key = tuple[str, str]


class Instances:
    """The servers behind the records; safe to use from several threads."""

    def __init__(self, servers: Servers, place: Place, events: Events) -> None:
        self._servers = servers
        self._place = place
        self._events = events
        self._lock = threading.RLock()
        self._bound: dict[Key, Server] = {}
        self._dead_regions: set[str] = set()
        self._cuts: set[tuple[str, Key]] = set()
        self._addresses: dict[str, str] = {}
        self._held: set[Key] = set()

    # --- one instance ------------------------------------------------------------------------------------

    def create(self, record: Record) -> None:
        """Start the record's server: a new database, or a replica where the record has a source.

        Raises:
            PostgresError: it does not start, or the source's server does not answer.
        """
        region, identifier = self._key(record)
        source = records.source_of(record)
        master = Credentials(str(record["MasterUsername"]), str(record["_MasterUserPassword"]), str(record["DBName"]))
        endpoint = records.endpoint(region, identifier)
        self.bind((region, identifier), endpoint, None if source is None else self.server_of(source), master)
        self._events.tell(RdsEvent.CREATED, record)

    def bind(self, key: Key, endpoint: str, source: Server | None, master: Credentials) -> None:
        """Start the server of an instance or of a cluster: a replica of ``source``, or a new database.

        Raises:
            PostgresError: it does not start, or the source's server does not answer.
        """
        region, identifier = key
        address, port = self._place(region, identifier)
        name = f"{region}.{identifier}"
        if source is not None:
            server = self._servers.replicate(source, name, address, port)
        else:
            server = self._servers.create(name, address, port, master)
        with self._lock:
            self._bound[key] = server
            self._addresses[endpoint] = address
            if region in self._dead_regions:
                server.kill()

    def unbind(self, key: Key, endpoint: str) -> bool:
        """End a server and delete its data; False when there was none."""
        with self._lock:
            server = self._bound.pop(key, None)
            self._addresses.pop(endpoint, None)
            self._cuts = {cut for cut in self._cuts if cut[1] != key}
            self._held.discard(key)
        if server is not None:
            self._servers.remove(server)
        return server is not None

    def remove(self, record: Record) -> None:
        """End the record's server and delete its data; nothing happens when it has none."""
        key = self._key(record)
        if self.unbind(key, records.endpoint(*key)):
            self._events.tell(RdsEvent.DELETED, record)

    def change_password(self, record: Record) -> None:
        """Give the master user the record's password.

        Raises:
            PostgresError: the server does not answer.
        """
        change = sql.SQL("alter role {} password {}").format(
            sql.Identifier(str(record["MasterUsername"])), sql.Literal(str(record["_MasterUserPassword"]))
        )
        with self.server_of(record).connect() as session:
            session.execute(change)

    def server(self, region: str, identifier: str) -> Server:
        """Return the server of an instance.

        Raises:
            PostgresError: the instance has no server.
        """
        with self._lock:
            server = self._bound.get((region, identifier))
            known = ", ".join("/".join(key) for key in sorted(self._bound)) or "none"
        if server is None:
            raise PostgresError(f"no PostgreSQL server runs for {region}/{identifier}; there are: {known}")
        return server

    def server_of(self, record: Record) -> Server:
        """Return the server of a record; ``PostgresError`` when it has none."""
        return self.server(*self._key(record))

    def restart(self, record: Record, *, pause_seconds: float = 0.0) -> None:
        """Stop a server cleanly, if it runs, and start it.

        Raises:
            PostgresError: it does not start, or its region is down.
        """
        server = self.server_of(record)
        server.stop()
        time.sleep(pause_seconds)
        with self._lock:  # So that a region that dies now finds the server started, or not at all.
            if records.region_of(record) in self._dead_regions:
                raise PostgresError(f"{records.region_of(record)} is down")
            server.start()

    def is_bound(self, record: Record) -> bool:
        """Whether the record still has a server."""
        return self._key(record) in self._bound

    def endpoints(self) -> dict[str, str]:
        """DNS name of each instance → address of its server, running or not."""
        with self._lock:
            return dict(self._addresses)

    def crash(self, region: str, identifier: str) -> None:
        """Kill an instance's server, and nothing else of its region."""
        self.server(region, identifier).kill()
        record = records.find(region, identifier)
        if record is not None:
            record["DBInstanceStatus"] = "failed"
            self._events.tell(RdsEvent.FAILED, record)

    def fill_disk(self, region: str, identifier: str) -> None:
        """Let an instance's server write nothing any more; it ends by itself, and soon."""
        fill_disk(self.server(region, identifier))
        record = records.find(region, identifier)
        if record is not None:
            record["DBInstanceStatus"] = "storage-full"
            self._events.tell(RdsEvent.STORAGE_FULL, record)

    def recover(self, region: str, identifier: str) -> None:
        """Start a crashed instance's server as it is on disk."""
        record = records.find(region, identifier)
        if record is not None:
            self.restart(record)
            record["DBInstanceStatus"] = "available"
            self._events.tell(RdsEvent.RESTARTED, record)

    # --- regions -----------------------------------------------------------------------------------------

    def region_down(self, region: str) -> None:
        """Kill every server of a region at one blow; a dead region tells nobody."""
        with self._lock:
            self._dead_regions.add(region)
            servers = self._of(region)
        self._each(Server.kill, servers)

    def region_up(self, region: str) -> None:
        """Start a region's servers as they are on disk: a dead primary is a primary of its old timeline."""
        with self._lock:
            self._dead_regions.discard(region)
            servers = [
                self._bound[key]
                for key in self._bound
                if key[0] == region and key not in self._held and self._status(key) not in ("stopped", "failed")
            ]
        self._each(Server.start, servers)

    def hold(self, key: Key) -> None:
        """Let a server not start with its region: somebody else knows as what it may."""
        with self._lock:
            self._held.add(key)

    def release(self, key: Key) -> None:
        """Take ``hold`` back."""
        with self._lock:
            self._held.discard(key)

    def start(self, key: Key) -> bool:
        """Start a server that may have been held, as it is on disk; False when its region is down."""
        with self._lock:
            if key[0] in self._dead_regions:
                return False
            self.server(*key).start()
            self._held.discard(key)
            return True

    def is_region_up(self, region: str) -> bool:
        """Whether the region's servers may run."""
        with self._lock:
            return region not in self._dead_regions

    # --- replication -------------------------------------------------------------------------------------

    def cut_replication(self, region: str, identifier: str, *, reason: str) -> None:
        """Let a replica receive no WAL until this reason, and every other one, is mended."""
        with self._lock:
            self._cuts.add((reason, (region, identifier)))
            self.server(region, identifier).stop_receiving()

    def mend_replication(self, region: str, identifier: str, *, reason: str) -> None:
        """Take a reason back; without any left the replica receives WAL again."""
        with self._lock:
            self._cuts.discard((reason, (region, identifier)))
            if all(key != (region, identifier) for _, key in self._cuts):
                self.server(region, identifier).resume_receiving()

    def replicas_between(self, source_region: str, replica_region: str) -> list[str]:
        """Identifiers of the instances in one region that replicate an instance of the other."""
        with self._lock:
            keys = [key for key in self._bound if key[0] == replica_region]
        found = [record for key in keys if (record := records.find(*key)) is not None]
        sources = {records.identifier_of(record): records.source_of(record) for record in found}
        return [name for name, source in sources.items() if source and records.region_of(source) == source_region]

    # --- inside ------------------------------------------------------------------------------------------

    @staticmethod
    def _key(record: Record) -> Key:
        return records.region_of(record), records.identifier_of(record)

    @staticmethod
    def _status(key: Key) -> str:
        record = records.find(*key)
        return str(record["DBInstanceStatus"]) if record is not None else ""

    def _of(self, region: str) -> list[Server]:
        return [server for key, server in self._bound.items() if key[0] == region]

    @staticmethod
    def _each(act: Callable[[Server], None], servers: list[Server]) -> None:
        # At once, since a region dies and returns at once; list() raises what one of them raised.
        with ThreadPoolExecutor(max_workers=max(1, len(servers))) as pool:
            list(pool.map(act, servers))
