"""What a practice needs of the service that injects faults, in one region."""

from collections.abc import Sequence
from typing import Protocol


class Experiments(Protocol):
    """The experiments of the region that this runs in."""

    def running(self) -> Sequence[str]:
        """Return the ids of those that are under way; raises ``PracticeNotBegunError``."""

    def start(self, template: str, reference: str) -> str:
        """Start one and return its id; the same reference is one experiment.

        Raises:
            PracticeNotBegunError: no clear answer; ask again with the same reference.
        """
