"""A declared worker in one region: it tries to begin work once a second, and may where its database is written."""

import logging
import threading
import time
from typing import Final

from twin.workload.copies import Copy
from twin.workload.session import SessionLostError, StatementRefusedError

PERIOD_SECONDS: Final = 1.0
BUDGET_SECONDS: Final = 0.9
BEGIN_WORK: Final = "SELECT lifeboat.begin_work($1, $2)"


class Scheduler:
    """Asks the copy of its own region alone: a copy elsewhere that is open is another region's business.

    What it did stands in the copy's ``lifeboat.work``; it tells its log when it begins to work and when it stops.
    """

    def __init__(self, worker: str, local: Copy) -> None:
        self._worker = worker
        self._local = local
        self._told = ""

    def start(self) -> None:
        """Work until the process ends."""
        threading.Thread(target=self._run, name=f"worker-{self._worker}", daemon=True).start()

    def try_once(self) -> bool:
        """Begin a piece of work and commit it, if that may be here; returns whether it was."""
        deadline = time.monotonic() + BUDGET_SECONDS
        try:
            with self._local.session(deadline) as session:
                (epoch,) = session.row(BEGIN_WORK, self._worker, self._local.region, deadline=deadline)
        except StatementRefusedError as exc:
            self._tell(f"does not work: {exc.sqlstate}")
            return False
        except SessionLostError:
            self._tell("does not work: its copy is out of reach")
            return False
        self._tell(f"works under epoch {epoch}")
        return True

    def _run(self) -> None:
        due = time.monotonic()
        while True:
            self.try_once()
            due = max(due + PERIOD_SECONDS, time.monotonic())
            time.sleep(max(0.0, due - time.monotonic()))

    def _tell(self, text: str) -> None:
        if text != self._told:
            self._told = text
            logging.info("%s in %s %s", self._worker, self._local.region, text)
