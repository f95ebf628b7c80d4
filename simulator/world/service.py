"""The product's service in one region: it writes to the copy that took the last write, or looks for one that does.

Each copy is asked what its gate says, all at once, over and over, until one is open or patience is out: the service
of a region that lost its database writes to another region's, and a cut between two regions parts it from that one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, NamedTuple

from rehearsal.form.fault_kinds import Failing
from simulator.world.databases import Branch, Copy, NotWritten
from simulator.world.deep_health import DeepHealth, Told
from simulator.world.network import Network

BUDGET_SECONDS: Final = 1.5
"""All that one request may take; clients wait for 2 s."""

PATIENCE_SECONDS: Final = 0.5
"""A request waits no longer for a writer to be found: clients number many, and most outages outlast any wait."""

ASK_SECONDS: Final = 0.5
"""How long one copy may take to say what its gate does."""

PAUSE_SECONDS: Final = 0.15
"""Between two questions to the same copy."""


class Committed(NamedTuple):
    """A row that is durable: whose copy took it, on which branch at which position, and under which epoch."""

    at: float
    region: str
    branch: Branch
    position: int
    epoch: int


@dataclass(slots=True, eq=False)
class Request:
    """One numbered write on its way; ``answered`` hears once how it ended, and after how many more seconds.

    ``way`` is how long packets are under way between client and ``service``; ``until`` is the service's own deadline,
    which it sets when the request has come.
    """

    client: str
    number: int
    database: str
    answered: Callable[["Request", Committed | None, str, float], None]
    sent_at: float
    service: str
    way: float = 0.0
    began_at: float = 0.0
    until: float = 0.0


class Service:
    """The service of one region; ``copies`` by (database, region).

    ``slow`` says by how many seconds its answers come later at a time.
    """

    def __init__(
        self,
        region: str,
        copies: Mapping[tuple[str, str], Copy],
        network: Network,
        chance: Random,
    ) -> None:
        self.region = region
        self.slow: Callable[[float], float] | None = None
        self.health = DeepHealth(region, {name: copy for (name, at), copy in copies.items() if at == region}, chance)
        self._copies, self._kernel, self._network, self._chance = copies, network.kernel, network, chance
        self._places = _places(region, copies)
        self._paths = {place: network.latencies.between(region, place) for _, place in copies}
        self._writers: dict[str, str] = {}
        self._commit = network.latencies.of("postgres.commit")

    def deep_health(self) -> Told:
        """Answer an observer that has come this far; its answer leaves only after ``seconds``."""
        now = self._kernel.now
        told = self.health.answer(now)
        return told if self.slow is None else told._replace(seconds=told.seconds + self.slow(now))

    def restart(self) -> None:
        """Begin anew: a process that was started again remembers nothing."""
        self._writers.clear()
        self.health.forget()

    def take(self, request: Request, after: float) -> None:
        """Serve a request that comes after so many seconds."""
        request.began_at = self._kernel.now + after
        request.until = request.began_at + BUDGET_SECONDS
        writer = self._writers.get(request.database)
        if writer is not None and self._network.quiet:
            self._send(request, writer, after)  # nothing can happen on the way: one event less
        else:
            self._kernel.now_or_later(after, lambda: self._serve(request))

    def _serve(self, request: Request) -> None:
        writer = self._writers.get(request.database)
        if writer is None:
            self._look(request, min(self._kernel.now + PATIENCE_SECONDS, request.until))
        else:
            self._send(request, writer, 0.0)

    def _send(self, request: Request, writer: str, after: float) -> None:
        """Send the row to the copy that took the last one."""
        way, slow = self._paths[writer].draw(self._chance), self._copies[request.database, writer].slow_seconds
        took = after + way + self._commit.draw(self._chance) + (self._chance.uniform(0.0, slow) if slow else 0.0)
        if self._kernel.now + took > request.until:
            self._give_up(request, writer, "no answer in time")  # the server cancels what takes so long
        else:
            self._kernel.now_or_later(took, lambda: self._commit_at(request, writer, way))

    def _commit_at(self, request: Request, writer: str, way: float) -> None:
        """Commit the row at a copy, if it has come there and the copy takes it."""
        network, copy = self._network, self._copies[request.database, writer]
        failing = None if network.quiet else network.broken(self.region, writer)
        if failing is Failing.HANG:
            self._give_up(request, writer, f"{writer} does not answer")
            return
        try:
            if failing is Failing.REFUSE:
                raise NotWritten(f"{writer} is out of reach")
            epoch, position = copy.write(request.client, request.number)
        except NotWritten as exc:
            self._lost(request, writer, str(exc))
            return
        committed = Committed(self._kernel.now, writer, copy.branch, position, epoch)
        if not network.quiet and network.broken(writer, self.region) is not None:
            self._give_up(request, writer, f"{writer} does not answer")  # it is there, and nobody learns of it
        else:
            self._answer(request, committed, "", way)

    def _give_up(self, request: Request, writer: str, reason: str) -> None:
        """Wait for an answer that does not come."""
        left = max(0.0, request.until - self._kernel.now)
        self._kernel.now_or_later(left, lambda: self._lost(request, writer, reason))

    def _lost(self, request: Request, writer: str, reason: str) -> None:
        """Leave a copy that failed, and look for another one while there is time."""
        if self._writers.get(request.database) == writer:
            del self._writers[request.database]
        now = self._kernel.now
        if now >= request.until:
            self._answer(request, None, f"time is up; {writer}: {reason}", 0.0)
        else:
            self._look(request, min(now + PATIENCE_SECONDS, request.until))

    def _look(self, request: Request, until: float) -> None:
        """Ask every copy what its gate says."""
        there = self._paths[self._places[request.database][-1]].draw(self._chance)
        self._kernel.now_or_later(there, lambda: self._looked(request, there, until))

    def _looked(self, request: Request, back: float, until: float) -> None:
        database, kernel = request.database, self._kernel
        reasons = {place: self._refusal(database, place) for place in self._places[database]}
        found = next((place for place, refusal in reasons.items() if refusal is None), None)
        if found is not None:
            self._writers[database] = found
            self._send(request, found, back)
        elif kernel.now + back + PAUSE_SECONDS < until:
            kernel.now_or_later(back + PAUSE_SECONDS, lambda: self._look(request, until))
        else:
            told = "; ".join(f"{place}: {refusal}" for place, refusal in reasons.items())
            self._answer(request, None, f"no copy takes writes: {told}", until - kernel.now)

    def _refusal(self, database: str, place: str) -> str | None:
        network, copy = self._network, self._copies[database, place]
        if network.broken(self.region, place) is not None or network.broken(place, self.region) is not None:
            return "out of reach"
        if copy.slow_seconds and self._chance.uniform(0.0, copy.slow_seconds) > ASK_SECONDS:
            return "no answer in time"
        return copy.refusal()

    def _answer(self, request: Request, committed: Committed | None, reason: str, seconds: float) -> None:
        """Answer after so many seconds, and what a slow application adds to them."""
        now = self._kernel.now
        if self.slow is not None:
            seconds += self.slow(now)
        if committed is not None and committed.region == self.region:
            # What another region's copy took waited for that one, and a refusal is a database's doing.
            self.health.figures.note(now + seconds, now + seconds - request.began_at)
        request.answered(request, committed, reason, seconds)


class Services:
    """The services of all regions."""

    def __init__(
        self,
        regions: Sequence[str],
        copies: Mapping[tuple[str, str], Copy],
        network: Network,
        chance: Random,
    ) -> None:
        self.by_region = {region: Service(region, copies, network, chance) for region in regions}

    def __getitem__(self, region: str) -> Service:
        return self.by_region[region]

    def deep_health(self, region: str) -> Told:
        """What an observer that has come this far is answered; see ``Service.deep_health``."""
        return self.by_region[region].deep_health()


def _places(region: str, copies: Mapping[tuple[str, str], Copy]) -> dict[str, Sequence[str]]:
    """The regions of each database's copies, the service's own first: its answer is there first."""
    places: dict[str, list[str]] = {}
    for database, where in copies:
        places.setdefault(database, []).append(where)
    return {database: sorted(found, key=lambda place: place != region) for database, found in places.items()}
