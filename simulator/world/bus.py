"""EventBridge: at least once, some time later, in any order; and rules that fire by the minute."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from rehearsal.form.entries import EVERYWHERE
from rehearsal.form.fault_kinds import Spoiled
from simulator.kernel import Kernel
from simulator.latencies import Latencies
from simulator.world.network import Network


@dataclass(frozen=True, slots=True)
class Hint:
    """An event on its way to the rules: whence, and what it says."""

    source: str
    kind: str
    detail: Any


@dataclass(slots=True)
class Bus:
    """The default bus of each region; every event of ours is a hint that starts one function.

    ``spoiled`` is what becomes of events, by region or ``*``.
    """

    kernel: Kernel
    network: Network
    latencies: Latencies
    chance: Random
    deliver: Callable[[str, Hint], None]
    spoiled: dict[str, tuple[Spoiled, float]] = field(default_factory=dict)
    seen: dict[str, list[Hint]] = field(default_factory=dict)
    _gathered: dict[str, list[Hint]] = field(default_factory=dict)

    def put(self, region: str, source: str, kind: str, detail: Any) -> None:
        """Take an event; it reaches its rule later, or is lost with its region."""
        hint = Hint(source, kind, detail)
        self.seen.setdefault(region, []).append(hint)
        how, seconds = self.spoiled.get(region) or self.spoiled.get(EVERYWHERE) or (None, 0.0)
        if how is Spoiled.REORDERED:
            self._gather(region, hint, seconds)
            return
        after = self.latencies.of("events.delivery").draw(self.chance)
        self._later(region, hint, after + (seconds if how is Spoiled.DELAYED else 0.0))
        if how is Spoiled.DUPLICATED:
            self._later(region, hint, after + seconds)

    def redeliver(self, place: str) -> None:
        """Deliver once more all that a bus has seen, newest first."""
        for region, hints in sorted(self.seen.items()):
            if place in (region, EVERYWHERE):
                for index, hint in enumerate(reversed(hints[-20:])):
                    self._later(region, hint, 0.01 * index)

    def each_minute(self, region: str, fire: Callable[[], None], *, first: float) -> None:
        """Have a rule fire each minute from a moment on, while the region has power."""

        def tick() -> None:
            if self.network.acts(region):
                fire()
            self.kernel.now_or_later(60.0 + self.latencies.of("events.schedule_jitter").draw(self.chance), tick)

        self.kernel.now_or_later(first, tick)

    def _gather(self, region: str, hint: Hint, seconds: float) -> None:
        gathered = self._gathered.setdefault(region, [])
        gathered.append(hint)
        if len(gathered) == 1:

            def release() -> None:
                for index, each in enumerate(reversed(self._gathered.pop(region))):
                    self._later(region, each, 0.01 * index)

            self.kernel.now_or_later(seconds, release)

    def _later(self, region: str, hint: Hint, seconds: float) -> None:
        def arrive() -> None:
            if self.network.acts(region):
                self.deliver(region, hint)

        self.kernel.now_or_later(seconds, arrive)
