"""The outages of one twin, set and lifted while it runs."""

import random
import threading
import time
from collections.abc import Callable, Iterable

from twin.aws.calls.call import OPERATOR, Call
from twin.aws.outages.rules import ANYWHERE, Failure, Rules
from twin.network.slowness import Slowness

Listener = Callable[[str], None]


class Outages:
    """What fails now; safe to use from several threads.

    A region that is down answers no call and makes none; those who run something in it learn of it by
    ``on_region_down`` and ``on_region_up``, and ask ``is_down`` before they run more.
    """

    def __init__(self, regions: Iterable[str]) -> None:
        self.regions = tuple(regions)
        self._known = frozenset(self.regions)
        self._rules = Rules()
        self._lock = threading.RLock()
        self._went_down: list[Listener] = []
        self._came_up: list[Listener] = []
        self._slow: dict[str, Slowness] = {}
        self._shares: dict[tuple[str, str], float] = {}
        # Which calls are throttled is to be the same in each play of a drill, as far as their order is.
        self._chance = random.Random(1)  # noqa: S311

    def region_down(self, region: str, failure: Failure = Failure.HANG) -> None:
        """Lose a region: every call to it and from it fails, and all that runs in it is killed."""
        self._check(region)
        with self._lock:
            was_down = self.is_down(region)
            self._rules = self._rules.with_region(region, failure)
            listeners = () if was_down else tuple(self._went_down)
        for listener in listeners:
            listener(region)

    def region_up(self, region: str) -> None:
        """Let a region come back as it was."""
        self._check(region)
        with self._lock:
            was_down = self.is_down(region)
            self._rules = self._rules.without_region(region)
            listeners = tuple(self._came_up) if was_down else ()
        for listener in listeners:
            listener(region)

    def service_down(self, service: str, region: str = ANYWHERE, failure: Failure = Failure.UNAVAILABLE) -> None:
        """Let every call of a service (its signing name, ``route53``, ``rds``) fail, everywhere or in one region."""
        self._check(region)
        with self._lock:
            self._rules = self._rules.with_service(service, region, failure)

    def service_up(self, service: str, region: str = ANYWHERE) -> None:
        """Take back ``service_down``, named as it was made."""
        self._check(region)
        with self._lock:
            self._rules = self._rules.without_service(service, region)
            self._shares.pop((service, region), None)

    def throttle(self, service: str, region: str = ANYWHERE, share: float = 1.0) -> None:
        """Let a share of the calls of a service be throttled; ``service_up`` takes it back.

        A share below 1 is for calls of functions alone: what a drill itself asks is not worth throttling.
        """
        self._check(region)
        if share >= 1:
            self.service_down(service, region, Failure.THROTTLED)
            return
        with self._lock:
            self._shares[service, region] = share

    def slow(self, region: str, seconds: float, grows: float = 0.0) -> None:
        """Let functions' calls to a region's services be answered late."""
        self._check(region)
        self._slow[region] = Slowness(seconds, time.monotonic(), grows)

    def quick(self, region: str) -> None:
        """Take back ``slow``."""
        self._slow.pop(region, None)

    def delay(self, call: Call) -> float:
        """Return how many seconds later a call is answered now."""
        slow = self._slow.get(call.target)
        return 0.0 if slow is None or call.source == OPERATOR else slow.at(time.monotonic())

    def cut(self, source: str, target: str, failure: Failure = Failure.HANG) -> None:
        """Let calls from one region to another fail; either may be ``*``."""
        self._check(source, target)
        with self._lock:
            self._rules = self._rules.with_cut(source, target, failure)

    def heal(self, source: str, target: str) -> None:
        """Take back a cut, named as it was made."""
        self._check(source, target)
        with self._lock:
            self._rules = self._rules.without_cut(source, target)

    def isolate(self, region: str, failure: Failure = Failure.HANG) -> None:
        """Cut a region off from all others in both directions; what runs in it goes on, and reaches itself."""
        self.cut(region, ANYWHERE, failure)
        self.cut(ANYWHERE, region, failure)

    def rejoin(self, region: str) -> None:
        """Take back an isolation."""
        self.heal(region, ANYWHERE)
        self.heal(ANYWHERE, region)

    def heal_all(self) -> None:
        """Take back everything."""
        for region in self.down():
            self.region_up(region)
        with self._lock:
            self._rules = Rules()
            self._shares.clear()
        self._slow.clear()

    def is_down(self, region: str) -> bool:
        """Whether a region is lost now."""
        return region in self._rules.regions

    def region_failure(self, region: str) -> Failure | None:
        """How a lost region fails, or ``None`` when it is up."""
        return self._rules.regions.get(region)

    def down(self) -> tuple[str, ...]:
        """The regions that are lost now."""
        return tuple(self._rules.regions)

    def against(self, call: Call) -> Failure | None:
        """Return how a call fails now, or ``None`` when it does not."""
        return self._rules.against(call)

    def by_chance(self, call: Call) -> Failure | None:
        """Draw whether a call that comes in now is one of those that are throttled; once for each call."""
        share = self._shares.get((call.service, call.target), self._shares.get((call.service, ANYWHERE), 0.0))
        if not share or call.source == OPERATOR:
            return None
        with self._lock:
            return Failure.THROTTLED if self._chance.random() < share else None

    def on_region_down(self, listener: Listener) -> None:
        """Call with a region's name, in the thread that loses it, each time one is lost."""
        self._went_down.append(listener)

    def on_region_up(self, listener: Listener) -> None:
        """Call with a region's name each time one comes back."""
        self._came_up.append(listener)

    def _check(self, *regions: str) -> None:
        for region in regions:
            if region != ANYWHERE and region not in self._known:
                raise KeyError(f"{region}: not a region of this twin; it has {', '.join(sorted(self._known))}")
