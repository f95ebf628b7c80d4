"""What throwing something out of the edge caches needs of the world."""

from collections.abc import Sequence
from typing import Protocol


class EdgeCaches(Protocol):
    """The caches of a content delivery network."""

    def empty(self, paths: Sequence[str], reference: str) -> str:
        """Have paths thrown out everywhere, and return the order's id; the same reference is one order.

        Raises:
            CachesNotEmptiedError: no clear answer, or too many orders are under way; order it again.
        """
