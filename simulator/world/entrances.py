"""Route 53's look at the regions' entrances, where a notice hangs on it: who answers, and who has not for a while."""

from collections.abc import Callable, Collection
from random import Random
from typing import Final

from simulator.world.network import OUTSIDE, Network

INTERVAL_SECONDS: Final = 10.0
LOOKS: Final = 3
"""So many in a row change a check's mind; a notice's section says both, and these are its defaults."""


class Entrances:
    """A look at each region every ten seconds; all three checkers of a region are of one mind here.

    ``changed`` hears when a region is seen again, or is not seen any more.
    """

    def __init__(
        self, regions: Collection[str], network: Network, chance: Random, changed: Callable[[float], None]
    ) -> None:
        self._network, self._kernel, self._changed = network, network.kernel, changed
        self._phases = {region: chance.uniform(0.0, INTERVAL_SECONDS) for region in regions}
        self._seen = dict.fromkeys(regions, True)
        self._against = dict.fromkeys(regions, 0)

    def start(self) -> None:
        """Begin to look."""
        for region, phase in self._phases.items():
            self._kernel.now_or_later(phase, self._looking(region))

    def seen(self, region: str) -> bool:
        """Whether a region counts as there."""
        return self._seen.get(region, True)

    def _looking(self, region: str) -> Callable[[], None]:
        def look() -> None:
            self._kernel.now_or_later(INTERVAL_SECONDS, look)
            network = self._network
            passes = network.broken(OUTSIDE, region) is None and network.broken(region, OUTSIDE) is None
            self._against[region] = 0 if passes is self._seen[region] else self._against[region] + 1
            if self._against[region] == LOOKS:
                self._seen[region], self._against[region] = passes, 0
                self._changed(self._kernel.now)

        return look
