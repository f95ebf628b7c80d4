"""Deep health of one region, as an application on the product's databases would answer for it.

The region of the writer must be able to write. A region of a replica must be able to read, and is not blamed for a
writer that is dead elsewhere; nor is one whose copy was fenced, which has handed over. A lost primary that came back
is no replica, and its gate is shut: it is unhealthy.
"""

import json
import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final, NamedTuple

from simulator.world.databases import Copy

DATABASE_SECONDS: Final = 1.0
"""How long the answer waits for the databases: observers wait for 2 s, the connection included."""

LAST_SECONDS: Final = 10.0
FEWEST: Final = 5
"""Of fewer requests nothing is said: one that failed out of two is no rate."""

HEALTHY: Final = '{"status": "healthy"}'
ABSENT: Final = '{"status": "absent"}'

FREE: Final = f'"edge": {HEALTHY}, "application": {HEALTHY}, "cache": {ABSENT}'
"""The parts that hang on no database."""


class Told(NamedTuple):
    """An answer, and how long the region took for it."""

    status: int
    body: str
    seconds: float


@dataclass(slots=True)
class Figures:
    """How fast a region answered the requests of the last ten seconds that it had to answer alone.

    None of them can have failed in this model: what is not served for a database's sake is not counted.
    """

    _requests: deque[tuple[float, float]] = field(default_factory=deque)

    def note(self, at: float, seconds: float) -> None:
        """Count a request that was answered at a time, after so many seconds."""
        self._requests.append((at, seconds))

    def told(self, now: float) -> str:
        """Return the figures as JSON has them in an answer."""
        requests = self._requests
        while requests and requests[0][0] < now - LAST_SECONDS:
            requests.popleft()
        if len(requests) < FEWEST:
            return '"latency_p95_seconds": null, "error_rate": null'
        times = sorted(seconds for _, seconds in requests)
        return f'"latency_p95_seconds": {times[math.ceil(0.95 * len(times)) - 1]:.4f}, "error_rate": 0.0'


class DeepHealth:
    """Asks the copies of its own region, and nothing elsewhere; ``copies`` by database."""

    def __init__(self, region: str, copies: Mapping[str, Copy], chance: Random) -> None:
        self.figures = Figures()
        self._copies, self._chance = copies, chance
        self._suffixes = {name: f":{name}" if len(copies) > 1 else "" for name in copies}
        self._was_writer: set[str] = set()
        zones = json.dumps({f"{region}{letter}": "healthy" for letter in "abc"})
        self._tail = f'"zones": {zones}, "region": "{region}"'

    def answer(self, now: float) -> Told:
        """Say how every part of the region is."""
        parts, sick, seconds = [FREE], False, 0.0
        for name, copy in self._copies.items():
            took = self._chance.uniform(0.0, copy.slow_seconds) if copy.slow_seconds else 0.0
            seconds = max(seconds, min(took, DATABASE_SECONDS))
            read, write = self._parts(name, copy, answers=copy.reachable and took < DATABASE_SECONDS)
            sick = sick or read not in (HEALTHY, ABSENT) or write not in (HEALTHY, ABSENT)
            suffix = self._suffixes[name]
            parts.append(f'"database_write{suffix}": {write}, "database_read{suffix}": {read}')
        body = f'{{"parts": {{{", ".join(parts)}}}, {self._tail}, {self.figures.told(now)}}}'
        return Told(503 if sick else 200, body, seconds)

    def forget(self) -> None:
        """Begin anew, as a process that was started again."""
        self._was_writer.clear()
        self.figures = Figures()

    def _parts(self, name: str, copy: Copy, *, answers: bool) -> tuple[str, str]:
        """Return the parts ``database_read`` and ``database_write`` of one database."""
        if not answers:
            failed = _unhealthy("the server does not answer")
            # A copy that does not answer does not say whether it is the writer; that it was one is remembered.
            return failed, failed if name in self._was_writer else ABSENT
        if copy.in_recovery:
            self._was_writer.discard(name)
            return HEALTHY, ABSENT
        self._was_writer.add(name)
        if copy.read_only:
            return HEALTHY, _unhealthy("the server takes no writes of anybody")
        if copy.gate_fenced:
            return HEALTHY, ABSENT
        refusal = copy.refusal()
        return HEALTHY, HEALTHY if refusal is None else _unhealthy(refusal)


def _unhealthy(reason: str) -> str:
    return json.dumps({"status": "unhealthy", "reason": reason})
