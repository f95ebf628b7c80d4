"""Creating, rebooting, stopping and starting an instance: a status while it lasts, then the next one."""

import logging
import threading
from collections.abc import Callable

from twin.aws.rds import records
from twin.aws.rds.durations import Durations
from twin.aws.rds.events import Events, RdsEvent
from twin.aws.rds.instances import Instances
from twin.aws.rds.records import Record
from twin.postgres import PostgresError

logger = logging.getLogger(__name__)


class Lifecycle:
    """Each operation sets the passing status and returns; a thread of its own does the work.

    An operation that fails leaves the instance ``failed``, and says why in the log.
    """

    def __init__(self, instances: Instances, events: Events, durations: Durations, closing: threading.Event) -> None:
        self._instances = instances
        self._events = events
        self._durations = durations
        self._closing = closing

    def create(self, record: Record) -> None:
        """Start the server of a new record."""

        def act() -> None:
            self._closing.wait(self._durations.creating_seconds)
            self._instances.create(record)

        self._pass_through(record, "creating", act, "available")

    def reboot(self, record: Record) -> None:
        """Restart the server; sessions end."""

        def act() -> None:
            self._instances.restart(record, pause_seconds=self._durations.rebooting_seconds)
            self._events.tell(RdsEvent.RESTARTED, record)

        self._pass_through(record, "rebooting", act, "available")

    def stop(self, record: Record) -> None:
        """Shut the server down cleanly."""

        def act() -> None:
            self._instances.server_of(record).stop()
            self._events.tell(RdsEvent.STOPPED, record)

        self._pass_through(record, "stopping", act, "stopped")

    def start(self, record: Record) -> None:
        """Start the server as it is on disk."""

        def act() -> None:
            self._instances.restart(record)
            self._events.tell(RdsEvent.STARTED, record)

        self._pass_through(record, "starting", act, "available")

    def _pass_through(self, record: Record, during: str, act: Callable[[], None], after: str) -> None:
        record["DBInstanceStatus"] = during

        def run() -> None:
            try:
                act()
            except (PostgresError, KeyError, ValueError) as exc:
                record["DBInstanceStatus"] = "failed"
                logger.error("%s %s: %s", during, records.identifier_of(record), exc)
            else:
                record["DBInstanceStatus"] = after

        threading.Thread(target=run, name="rds-instance", daemon=True).start()
