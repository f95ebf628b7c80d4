"""What a rollout needs of the world: each region's two colours, and who else is at work."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Colour(StrEnum):
    """Of two sets of pods behind one entrance; users are with one, and the other is idle."""

    BLUE = "blue"
    GREEN = "green"

    @property
    def other(self) -> "Colour":
        """The colour that is idle while this one is live."""
        return Colour.GREEN if self is Colour.BLUE else Colour.BLUE


class EntranceUnreachableError(Exception):
    """A region's load balancer cannot be asked, or did not do as it was told."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One place that gets the version: a region, in an environment, and how long it is watched there."""

    environment: str
    region: str
    watch_seconds: int

    def __str__(self) -> str:
        return self.region if self.environment == "production" else f"{self.region} ({self.environment})"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a region's entrance says: the live colour, and the version that each colour was given."""

    live: Colour
    versions: dict[Colour, str]


@dataclass(frozen=True, slots=True)
class Figures:
    """One colour's last whole minute; nothing is known of what nobody asked."""

    requests: int
    errors: int
    p95_ms: float | None


class Entrances(Protocol):
    """The load balancers of the stages; each call is over, or has failed, within seconds."""

    def standing(self, stage: Stage) -> Standing:
        """Return which colour is live; raises ``EntranceUnreachableError``, as all of these do."""

    def is_ready(self, stage: Stage, colour: Colour) -> bool:
        """Whether a colour has pods, and all of them answer."""

    def name(self, stage: Stage, colour: Colour, version: str) -> None:
        """Write down which version a colour has."""

    def turn(self, stage: Stage, colour: Colour) -> None:
        """Lead all users of the entrance to a colour; safe to repeat."""

    def figures(self, stage: Stage, colour: Colour) -> Figures:
        """Return what the load balancer saw of a colour in the last whole minute."""


class Others(Protocol):
    """Who else may be at work on the product."""

    def reason_to_wait(self) -> str | None:
        """Return why nothing may be turned to a new version now: an incident, a pause, a store that is silent."""
