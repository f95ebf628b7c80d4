"""Switchover and failover of a global database as Aurora does them: accepted at once, done later.

States and faults: the API reference of FailoverGlobalCluster and SwitchoverGlobalCluster. That a global database is
``available`` again as soon as the new writer is, while others still resynchronise, is our assumption.
"""

import logging
import threading
import time

from twin.aws.rds.clusters import records
from twin.aws.rds.clusters.records import Cluster, Global, Key
from twin.aws.rds.clusters.rejoining import Connected, Rejoining
from twin.aws.rds.durations import Durations
from twin.aws.rds.faults import PromotionFaults
from twin.aws.rds.instances import Instances
from twin.postgres import PostgresError, Servers

POLL_SECONDS = 0.05
HANDOVER_SECONDS = 20.0
"""How long a switchover waits for its target to have everything, before it is cancelled."""
logger = logging.getLogger(__name__)


class Moves:
    """Carries moves out, each in a thread of its own; at most one for each global database."""

    def __init__(
        self,
        servers: Servers,
        instances: Instances,
        rejoining: Rejoining,
        *,
        connected: Connected,
        faults: PromotionFaults,
        durations: Durations,
        closing: threading.Event,
    ) -> None:
        self._servers, self._instances, self._rejoining = servers, instances, rejoining
        self._connected, self._faults = connected, faults
        self._durations, self._closing = durations, closing
        self.done_at: dict[Key, float] = {}

    def begin(self, whole: Global, source: Cluster, target: Cluster, *, may_lose: bool) -> None:
        """Begin a move that was accepted: the states say so when this returns."""
        whole["Status"] = "failing-over" if may_lose else "switching-over"
        whole["FailoverState"] = {
            "Status": whole["Status"],
            "FromDbClusterArn": source["DBClusterArn"],
            "ToDbClusterArn": target["DBClusterArn"],
            "IsDataLossAllowed": may_lose,
        }
        target["Status"] = "promoting"
        act = self._fail_over if may_lose else self._switch_over
        threading.Thread(target=act, args=(whole, source, target), name="rds-promotion", daemon=True).start()

    def healthy(self, source: Cluster, target: Cluster) -> bool:
        """Whether a switchover can be begun: both run, and one hears the other."""
        here, there = records.key_of(source), records.key_of(target)
        running = self._instances.server(*here).running and self._instances.server(*there).running
        return running and self._connected(here[0], there[0])

    def _fail_over(self, whole: Global, source: Cluster, target: Cluster) -> None:
        self._closing.wait(self._durations.failing_over_seconds)
        self._fence(source, target)
        if self._promote(target):
            self._end(whole, target)

    def _switch_over(self, whole: Global, source: Cluster, target: Cluster) -> None:
        self._closing.wait(self._durations.switching_over_seconds)
        key = records.key_of(source)
        self._instances.hold(key)
        try:
            server = self._instances.server(*key)
            # A fast shutdown ends once every connected replica has its last record.
            server.stop()
            everything = self._servers.shutdown_position(server)
            received = self._has_replayed(target, everything)
        except PostgresError as exc:
            logger.warning("the switchover to %s is cancelled: %s", records.key_of(target), exc)
            received = False
        if not received:
            self._cancel(whole, source, target)
        elif self._promote(target):
            self._end(whole, target)

    def _fence(self, source: Cluster, target: Cluster) -> None:
        """Stop the old writer where it can be reached: AWS tries for a time, and goes on without."""
        key = records.key_of(source)
        if self._connected(key[0], records.key_of(target)[0]) and self._instances.is_region_up(key[0]):
            self._instances.server(*key).kill()

    def _has_replayed(self, target: Cluster, position: int) -> bool:
        server, deadline = self._instances.server(*records.key_of(target)), time.monotonic() + HANDOVER_SECONDS
        while server.positions().replayed <= position:
            if time.monotonic() > deadline or self._closing.wait(POLL_SECONDS):
                return False
        return True

    def _promote(self, target: Cluster) -> bool:
        """Promote the target's server; False when the twin ends before. A region that died finishes it on return."""
        key = records.key_of(target)
        while not self._closing.is_set():
            if self._instances.is_region_up(key[0]) and not self._faults.is_endless(*key):
                try:
                    self._instances.server(*key).promote()
                except PostgresError:
                    logger.info("%s is not promoted yet", key)
                else:
                    self.done_at[key] = time.time()
                    return True
            self._closing.wait(POLL_SECONDS)
        return False

    def _end(self, whole: Global, target: Cluster) -> None:
        records.write_writer(whole, target)
        for each in records.clusters_of(whole):
            if each is not target:
                self._rejoining.begin(whole, each)
        self._settle(whole, target)

    def _cancel(self, whole: Global, source: Cluster, target: Cluster) -> None:
        whole["FailoverState"] = {**whole["FailoverState"], "Status": "cancelling"}
        key = records.key_of(source)
        self._instances.release(key)
        while not self._instances.start(key) and not self._closing.wait(POLL_SECONDS):
            pass
        self._settle(whole, target)

    def _settle(self, whole: Global, target: Cluster) -> None:
        target["Status"] = "available"
        whole["FailoverState"] = {}
        whole["Status"] = "available"
