"""One client group: numbered writes, each sent when it is due, whatever became of the one before."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from failover.invariants import NOTICE
from rehearsal.form import Load
from rehearsal.history import Outcome
from twin.dns.resolver import CachingResolver, ResolutionError
from twin.workload.ledger import ClientWrite, Ledger
from twin.workload.sending import TIMEOUT_SECONDS, NoAnswerError, Reply, Sender

MOST_WORKERS: Final = 256
"""More threads than that send no faster: a write that finds none is late, or is never sent, and told so."""


class Group:
    """The client of one group: a resolver, and as many threads as may have to wait at the same time."""

    def __init__(
        self,
        name: str,
        product: str,
        sender: Sender,
        resolver: CachingResolver,
        load: Load,
        *,
        ledger: Ledger,
        now: Callable[[], float],
    ) -> None:
        self._name = name
        self._product = product
        self._sender = sender
        self._resolver = resolver
        self._resolving = threading.Lock()
        self._load = load
        self._ledger = ledger
        self._now = now
        self._taking = threading.Lock()
        self._number = 0
        self._due = math.inf
        self._ended = threading.Event()
        workers = min(MOST_WORKERS, math.ceil(load.highest(name) * TIMEOUT_SECONDS) + 1)
        self._threads = [
            threading.Thread(target=self._work, name=f"client-{name}-{worker}", daemon=True)
            for worker in range(1, workers + 1)
        ]

    def start(self, phase: float) -> None:
        """Begin; ``phase`` from 0 to 1 is the part of a period by which it comes after others."""
        self._due = self._now() + phase / self._load.rate(self._name, self._now())
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Send nothing more, and tell what was due by now and found nobody to send it; safe to repeat."""
        if self._ended.is_set():
            return
        now = self._now()
        self._ended.set()
        with self._taking:
            while self._due <= now:
                self._give_up(*self._take(), now)

    def join(self, deadline: float) -> None:
        """Wait until its threads have ended, or ``deadline`` by ``time.monotonic``."""
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(0.0, deadline - time.monotonic()))

    def _work(self) -> None:
        while (taken := self._next()) is not None:
            number, due_at = taken
            self._ledger.add(replace(self._written(number), due_at=due_at))

    def _next(self) -> tuple[int, float] | None:
        """Wait until the next write is due and return its number and when that was, or None at the end."""
        with self._taking:
            # One worker waits, the others queue for the lock. Who is late sends what was due, and is measured from
            # when it was; but a burst after a long pause of this process would be load that nobody meant.
            while not self._ended.wait(self._due - self._now()):
                now = self._now()
                number, due_at = self._take()
                if now - due_at <= TIMEOUT_SECONDS:
                    return number, due_at
                self._give_up(number, due_at, now)
            return None

    def _take(self) -> tuple[int, float]:
        """Return the number of the next write and when it is due; whoever calls this is alone in ``_taking``."""
        due_at = self._due
        self._due += 1 / self._load.rate(self._name, due_at)
        self._number += 1
        return self._number, due_at

    def _give_up(self, number: int, due_at: float, now: float) -> None:
        self._ledger.add(ClientWrite(self._name, number, now, now, Outcome.UNSENT, due_at=due_at))

    def _written(self, number: int) -> ClientWrite:
        sent_at, deadline = self._now(), time.monotonic() + TIMEOUT_SECONDS
        try:
            addresses = self._resolved(deadline)
            request = {"client": self._name, "number": number}
            reply = self._sender.post(self._product, addresses, "/rows", request, deadline)
        except (ResolutionError, NoAnswerError) as exc:
            return ClientWrite(self._name, number, sent_at, self._now(), Outcome.FAILED, reason=str(exc))
        return _ended(self._name, number, sent_at, self._now(), reply)

    def _resolved(self, deadline: float) -> tuple[str, ...]:
        if not self._resolving.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise ResolutionError(f"{self._product}: no answer from the DNS server in time")
        try:
            return self._resolver.resolve(self._product)
        finally:
            self._resolving.release()


def _ended(group: str, number: int, sent_at: float, ended_at: float, reply: Reply) -> ClientWrite:
    told = reply.told
    service = told.get("region") or (NOTICE if "notice" in told else None)
    if reply.status != 201:
        reason = str(told.get("reason") or f"HTTP {reply.status}")
        return ClientWrite(group, number, sent_at, ended_at, Outcome.FAILED, service, reason=reason)
    match told:
        case {"committed_in": str(region), "epoch": int(epoch), "committed_at": int(at) | float(at)}:
            return ClientWrite(
                group, number, sent_at, ended_at, Outcome.ACKNOWLEDGED, service, region, epoch, float(at)
            )
    reason = f"HTTP 201 that says {told}; an acknowledgement says committed_in, epoch and committed_at"
    return ClientWrite(group, number, sent_at, ended_at, Outcome.FAILED, service, reason=reason)
