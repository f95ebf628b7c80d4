"""The twin's network as libpq must see it: it connects in C, out of reach of the shim in ``twin/site``."""

import os
import time
from collections.abc import Mapping
from typing import Final

from twin.dns.resolve import dial
from twin.network.slowness import Slowness
from twin.site.sitecustomize import Place

POSTGRES: Final = 5432


class Vantage:
    """Where names lead from this process, and which ways are cut."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._environment = environment
        self._place = Place(environment)

    def dial(self, endpoint: str) -> tuple[str, int]:
        """Return where to connect for a database's endpoint, ``name`` or ``name:port``.

        Raises:
            OSError: the twin's DNS does not answer, or has no address for it.
        """
        name, _, port = endpoint.partition(":")
        return dial(name, int(port or POSTGRES), self._environment)

    def is_cut(self, address: str) -> bool:
        """Whether no packet would pass to an address now.

        The twin's cuts hold for new connections only; who keeps connections must obey by itself.
        """
        return self._place.network.detour(self._place.vantage, address) is not None

    def delay(self, region: str) -> float:
        """Return how many seconds later the application of a region answers now."""
        told = self._place.network.told("slow", region)
        return 0.0 if told is None else Slowness(*told).at(time.time())
