"""Who reaches whom, how long it takes, and what is lost on the way."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Final, TypeVar

from rehearsal.form.entries import EVERYWHERE
from rehearsal.form.fault_kinds import Failing
from simulator.kernel import Kernel
from simulator.latencies import Distribution, Latencies
from simulator.world.paths import Underways, names_of

T = TypeVar("T")

USERS: Final = "users"
"""The clients of every group."""

OUTSIDE: Final = "outside"
"""Whatever stands in no region of ours: Route 53's checkers, the neutral places."""

REFUSED_SECONDS: Final = 0.002
"""A closed port answers at once."""


class NoAnswer(Exception):  # noqa: N818 - a fact of the network, translated by whoever asked
    """Nobody answered in time: the request may have taken effect."""


class Refused(Exception):  # noqa: N818 - a fact of the network, translated by whoever asked
    """A clear no before anything happened: a closed port, an API that is down or throttles; ``code`` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def functions_in(region: str) -> str:
    """The place from which a region's functions make their HTTP requests."""
    return f"{region}/functions"


@dataclass(slots=True)
class Network:
    """Paths between places. A place is a region, ``<region>/functions``, ``users``, or ``outside``.

    ``down`` are the regions without power, ``powerless`` those of which only AWS's APIs and functions are gone,
    ``cuts`` the paths on which nothing passes (``*``: any place). ``outages`` are the APIs that fail and ``throttles``
    the shares of calls that are refused, both by (service, region). ``slow`` are seconds that each call to a region's
    APIs takes longer, as a function of the time, and ``underways`` what becomes of requests whose answers are lost.
    ``mistimed`` are the regions whose functions' clocks are too wrong for AWS to take their requests.
    ``near`` are the regions of AWS whose distances stand for those of sites.
    ``settle`` must be called when any of these has changed.
    """

    kernel: Kernel
    latencies: Latencies
    chance: Random
    near: Mapping[str, str] = field(default_factory=dict)
    down: dict[str, Failing] = field(default_factory=dict)
    powerless: dict[str, Failing] = field(default_factory=dict)
    cuts: dict[tuple[str, str], list[Failing]] = field(default_factory=dict)
    outages: dict[tuple[str, str], Failing] = field(default_factory=dict)
    throttles: dict[tuple[str, str], float] = field(default_factory=dict)
    slow: dict[str, Callable[[float], float]] = field(default_factory=dict)
    underways: list[Underways] = field(default_factory=list)
    mistimed: set[str] = field(default_factory=set)
    quiet: bool = True
    changes: int = 0
    _ways: dict[tuple[str, str], Distribution] = field(default_factory=dict)
    _known: dict[tuple[str, str], Failing | None] = field(default_factory=dict)
    _clear: dict[tuple[str, str, str], bool] = field(default_factory=dict)

    def settle(self) -> None:
        """Note what is broken now: on a quiet network most questions need not be asked, on another one each once."""
        self.changes += 1
        self._known.clear()
        self._clear.clear()
        slowed = self.throttles or self.slow or self.underways
        self.quiet = not (self.down or self.powerless or self.cuts or self.outages or slowed)

    def cut(self, path: tuple[str, str], how: Failing) -> None:
        """Let nothing pass on a path any more; several faults may cut the same one."""
        self.cuts.setdefault(path, []).append(how)

    def mend(self, path: tuple[str, str], how: Failing | None = None) -> None:
        """Take one cut of a path back: one of this kind, or the newest."""
        standing = self.cuts.get(path)
        if standing:
            standing.remove(how or standing[-1])
            if not standing:
                del self.cuts[path]

    def acts(self, region: str) -> bool:
        """Whether functions run and rules fire in a region."""
        return region not in self.down and region not in self.powerless

    def broken(self, source: str, target: str) -> Failing | None:
        """How a packet on this path fails, if it does."""
        if self.quiet:
            return None
        path = source, target
        if path not in self._known:
            self._known[path] = self._found_broken(source, target)
        return self._known[path]

    def _found_broken(self, source: str, target: str) -> Failing | None:
        for place in (source, target):
            region = place.partition("/")[0]
            if region in self.down:
                return self.down[region]
        if self.cuts and source.partition("/")[0] != target.partition("/")[0]:  # within a region nothing is cut
            for one in names_of(source):
                for other in names_of(target):
                    if (one, other) in self.cuts:
                        return self.cuts[one, other][-1]
        return None

    def one_way(self, source: str, target: str) -> float:
        """How long a packet is under way, in seconds."""
        way = self._ways.get((source, target))
        if way is None:
            way = self._ways[source, target] = self._way(source, target)
        return way.draw(self.chance)

    def _way(self, source: str, target: str) -> Distribution:
        if USERS in (source, target):
            return self.latencies.of("network.users")
        if OUTSIDE in (source, target):
            return self.latencies.of("network.outside")
        one, other = (place.partition("/")[0] for place in (source, target))
        return self.latencies.between(self.near.get(one, one), self.near.get(other, other))

    def ask(
        self,
        source: str,
        target: str,
        act: Callable[[], T],
        *,
        service: str,
        timeout_seconds: float,
        takes_seconds: float = 0.0,
    ) -> T:
        """Have a request travel, something done where it arrives, and the answer travel back.

        What is done takes ``takes_seconds`` before it is done; an exception of it is an answer as well.

        Raises:
            NoAnswer: the request or the answer was lost, or it came too late; it may have been done.
            Refused: it was not done.
        """
        kernel, way = self.kernel, self.one_way(source, target)
        if 2 * way + takes_seconds <= timeout_seconds and self._is_clear(source, target, service):
            kernel.sleep(way + takes_seconds)
            until = kernel.now - way - takes_seconds + timeout_seconds
            if self._is_clear(source, target, service):  # still, where it arrives
                return self._answered(source, target, act, way=way, until=until, lost=False)
        else:
            until = kernel.now + timeout_seconds
            self._fail(self._unreachable(source, target), "unreachable", until)
            takes_seconds += self._slowness(target)
            if way + takes_seconds > timeout_seconds:  # nobody waits for it any more when it is done
                kernel.pay()
                kernel.actor(lambda: self._done_late(source, target, act, service), "late", after=way + takes_seconds)
                self._fail(Failing.HANG, "late", until)
            kernel.sleep(way + takes_seconds)
        self._fail(self._unreachable(source, target), "unreachable", until)
        self._fail(self._outage(service, target), "unavailable", until)
        self._throttle(service, target)
        underway = self._underway(service, target)
        if underway is not None and underway.late_seconds is not None:
            kernel.actor(lambda: self._done_late(source, target, act, service), "late", after=underway.late_seconds)
            self._fail(Failing.HANG, "late", until)
        lost = underway is not None or kernel.now + way > until
        return self._answered(source, target, act, way=way, until=until, lost=lost)

    def _is_clear(self, source: str, target: str, service: str) -> bool:
        """Whether nothing that is broken now is in this request's way, there or back: as it is with most of them."""
        if self.quiet:
            return True
        key = source, target, service
        if key not in self._clear:
            self._clear[key] = (
                not (self.throttles or self.underways)
                and target not in self.slow
                and self._unreachable(source, target) is None
                and self._unreachable(target, source) is None
                and self._outage(service, target) is None
            )
        return self._clear[key]

    def _done_late(self, source: str, target: str, act: Callable[[], object], service: str) -> None:
        """Do what was asked for when nobody waits for it any more, if the request has come."""
        if self._unreachable(source, target) is None and self._outage(service, target) is None:
            _anyhow(act)

    def _answered(self, source: str, target: str, act: Callable[[], T], *, way: float, until: float, lost: bool) -> T:
        kernel, failure = self.kernel, None
        try:
            answer = act()
        except Exception as exc:  # noqa: BLE001 - it travels back as any answer does
            failure = exc
        if lost or self._unreachable(target, source) is not None:
            kernel.sleep(max(0.0, until - kernel.now))
            raise NoAnswer(f"{target} did not answer")
        kernel.owe(way)
        if failure is not None:
            raise failure
        return answer

    def _unreachable(self, source: str, target: str) -> Failing | None:
        """How a call of an AWS API fails on this path, if it does."""
        for place in (source, target) if self.powerless else ():
            if place in self.powerless:
                return self.powerless[place]
        return self.broken(source, target)

    def _fail(self, how: Failing | None, code: str, until: float) -> None:
        if how is Failing.REFUSE:
            self.kernel.sleep(REFUSED_SECONDS)
            raise Refused(code)
        if how is Failing.HANG:
            self.kernel.sleep(max(0.0, until - self.kernel.now))
            raise NoAnswer(code)

    def _outage(self, service: str, target: str) -> Failing | None:
        return self.outages.get((service, target)) or self.outages.get((service, EVERYWHERE))

    def _throttle(self, service: str, target: str) -> None:
        share = max(self.throttles.get((service, target), 0.0), self.throttles.get((service, EVERYWHERE), 0.0))
        if share and self.chance.random() < share:
            raise Refused("ThrottlingException")

    def _slowness(self, target: str) -> float:
        return self.slow[target](self.kernel.now) if target in self.slow else 0.0

    def _underway(self, service: str, target: str) -> Underways | None:
        for standing in self.underways:
            if standing.meets(service, target):
                standing.times = None if standing.times is None else standing.times - 1
                return standing
        return None


def _anyhow(act: Callable[[], object]) -> None:
    with suppress(Exception):  # nobody waits for its answer
        act()
