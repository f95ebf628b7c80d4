"""PromoteReadReplica as RDS does it: accepted, ``modifying``, rebooted, perhaps ``backing-up``, ``available``."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from twin.aws.rds import records
from twin.aws.rds.durations import Durations
from twin.aws.rds.events import Events, RdsEvent
from twin.aws.rds.faults import PromotionFaults
from twin.aws.rds.instances import Instances
from twin.aws.rds.records import Record
from twin.postgres import PostgresError

POLL_SECONDS = 0.05


@dataclass(slots=True)
class Asked:
    """A promotion that RDS was asked for; times in Unix seconds, ``done_at`` when PostgreSQL had promoted."""

    at: float
    region: str
    identifier: str
    accepted: bool
    answer: str = ""
    done_at: float | None = None


@dataclass(frozen=True, slots=True)
class Backups:
    """What a promotion is told of the backups; one day is RDS's default, whatever the replica had (RDS API)."""

    days: int = 1
    window: str = ""


class InvalidStateError(Exception):
    """The instance is not in a state in which the request is allowed (InvalidDBInstanceState)."""


class Promotions:
    """Carries promotions out, each in a thread of its own."""

    def __init__(
        self,
        instances: Instances,
        faults: PromotionFaults,
        events: Events,
        durations: Durations,
        closing: threading.Event,
    ) -> None:
        self._instances = instances
        self._faults = faults
        self._events = events
        self._durations = durations
        self._closing = closing
        self._lock = threading.Lock()
        self.asked: list[Asked] = []

    def write_down(self, record: Record, *, accepted: bool, answer: str = "") -> None:
        """Write down what was asked for and what became of it."""
        region, identifier = records.region_of(record), records.identifier_of(record)
        self.asked.append(Asked(time.time(), region, identifier, accepted, answer))

    def accept(self, record: Record, backups: Backups) -> threading.Thread:
        """Begin a promotion: the replica is ``modifying`` when this returns; the thread ends with it.

        Args:
            record: the replica.
            backups: as given by the caller.

        Raises:
            InvalidStateError: it is no replica, or not ``available``.
        """
        with self._lock:
            identifier, status = record["DBInstanceIdentifier"], record["DBInstanceStatus"]
            if status != "available":
                raise InvalidStateError(
                    f"DB instance {identifier} is in status {status}; a promotion needs it to be available."
                )
            if not records.is_replica(record):
                raise InvalidStateError(f"DB instance {identifier} is not a read replica.")
            record["DBInstanceStatus"] = "modifying"
        record["BackupRetentionPeriod"] = backups.days
        if backups.window:
            record["PreferredBackupWindow"] = backups.window
        return self._in_thread(lambda: self._carry_out(record))

    def accept_later(self, record: Record, backups: Backups, delay_seconds: float) -> None:
        """Begin a promotion after a delay in which nothing is seen of it; by then it may be refused unheard."""

        def begin() -> None:
            self._closing.wait(delay_seconds)
            if self._instances.is_bound(record) and not self._closing.is_set():
                try:
                    self.accept(record, backups)
                except InvalidStateError:
                    return  # A repeated request came first: the same promotion is under way, or done.

        self._in_thread(begin)

    def _carry_out(self, record: Record) -> None:
        region, identifier = records.region_of(record), records.identifier_of(record)
        self._closing.wait(self._durations.modifying_seconds)
        while not self._done(record):
            if self._closing.wait(POLL_SECONDS) or not self._instances.is_bound(record):
                return
        self._write_done(region, identifier)
        records.unlink(record)
        self._events.tell(RdsEvent.REPLICATION_TERMINATED, record)
        if record["BackupRetentionPeriod"] > 0:
            record["DBInstanceStatus"] = "backing-up"
            self._events.tell(RdsEvent.BACKING_UP, record)
            self._closing.wait(self._durations.backing_up_seconds)
            while not self._instances.is_region_up(region):
                if self._closing.wait(POLL_SECONDS):
                    return
            self._events.tell(RdsEvent.BACKED_UP, record)
        if records.find(region, identifier) is record:
            record["DBInstanceStatus"] = "available"

    def _done(self, record: Record) -> bool:
        """Try to promote the server and reboot it; False when it has to be tried again.

        RDS's workflow outlives the instance's host: a region that died meanwhile finishes it on return.
        """
        region, identifier = records.region_of(record), records.identifier_of(record)
        if self._faults.is_endless(region, identifier) or not self._instances.is_region_up(region):
            return False
        try:
            self._instances.server_of(record).promote()
            # "The DB instance is rebooted before it becomes available" (RDS user guide): sessions end.
            self._instances.restart(record)
        except PostgresError:
            return False
        return True

    def _write_done(self, region: str, identifier: str) -> None:
        for each in self.asked:
            if (each.region, each.identifier, each.accepted, each.done_at) == (region, identifier, True, None):
                each.done_at = time.time()

    def _in_thread(self, act: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=act, name="rds-promotion", daemon=True)
        thread.start()
        return thread
