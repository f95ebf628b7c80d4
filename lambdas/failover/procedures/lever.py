"""The lever: what Route 53's checkers are told of a region, also on the day when the store does not answer."""

from collections.abc import Mapping
from contextlib import suppress

from failover.errors import StoreUnreachableError, TransientError
from failover.ports import Clock, LastKnown, QuorumStore
from failover.topology import Names, Topology

FRESH_SECONDS = 1.0
"""Several checkers ask in the same second; one read of the store serves them all."""

AGAIN_SECONDS = 2.0
"""After one vain try what is known is answered for so long; the next try asks another replica of the store."""


class Lever:
    """Answers the region's token when, and only when, it is evacuated as far as anybody here knows.

    A dead control region answers nothing, which reads "not evacuated"; any living one suffices. What was last
    read is kept in memory and in a table of this region. A checker waits two seconds, so the store must be one that
    gives up before: one replica a call, with half a second each to connect and to answer.
    """

    def __init__(self, topology: Topology, store: QuorumStore, last_known: LastKnown, clock: Clock) -> None:
        self._topology, self._store, self._last_known, self._clock = topology, store, last_known, clock
        self._ask_at = float("-inf")
        self._evacuated: Mapping[str, str] | None = None
        self._kept: Mapping[str, str] | None = None

    def answer(self, region: str) -> str:
        """Return the text for a region; one that the topology does not have is in service nowhere."""
        if region not in self._topology.region_names:
            return "unknown region"
        if region in self._known():
            return Names(self._topology).lever_token(region)
        return f"in service: {region}"

    def _known(self) -> Mapping[str, str]:
        now = self._clock.elapsed()
        if self._evacuated is not None and now < self._ask_at:
            return self._evacuated
        try:
            evacuated = self._store.control().evacuated
        except StoreUnreachableError:
            self._evacuated = self._last_known.evacuated() if self._evacuated is None else self._evacuated
            self._ask_at = self._clock.elapsed() + AGAIN_SECONDS
            return self._evacuated
        if evacuated != self._kept:
            with suppress(TransientError):  # what is known now is answered now, kept or not
                self._last_known.remember(evacuated)
                self._kept = evacuated
        self._evacuated, self._ask_at = evacuated, now + FRESH_SECONDS
        return evacuated
