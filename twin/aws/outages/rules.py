"""Which calls fail now, and how; pure."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from twin.aws.calls.call import OPERATOR, Call

ANYWHERE: Final = "*"


class Failure(StrEnum):
    """What the caller of a failing call sees."""

    HANG = "hang"
    """The connection stands and nothing is ever answered: the caller waits until its own time-out."""
    RESET = "reset"
    """The connection is reset."""
    UNAVAILABLE = "unavailable"
    """503 ServiceUnavailable, in the service's protocol."""
    THROTTLED = "throttled"
    """400 ThrottlingException, in the service's protocol."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The outages now.

    ``services`` is by (service, region), the region ``*`` for all; ``cuts`` by (source, target), either of
    which may be ``*``. A region reaches itself over any cut, and the operator reaches every region that is up.
    """

    regions: dict[str, Failure] = field(default_factory=dict)
    services: dict[tuple[str, str], Failure] = field(default_factory=dict)
    cuts: dict[tuple[str, str], Failure] = field(default_factory=dict)

    def against(self, call: Call) -> Failure | None:
        """Return how a call fails, or ``None`` when it does not."""
        for region in (call.target, call.source):
            if region in self.regions:
                return self.regions[region]
        for region in (call.target, ANYWHERE):
            if (call.service, region) in self.services:
                return self.services[call.service, region]
        return self._cut(call.source, call.target)

    def _cut(self, source: str, target: str) -> Failure | None:
        if source in (target, OPERATOR):
            return None
        for pair in ((source, target), (source, ANYWHERE), (ANYWHERE, target)):
            if pair in self.cuts:
                return self.cuts[pair]
        return None

    def with_region(self, region: str, failure: Failure) -> "Rules":
        """Return these rules with a region down."""
        return replace(self, regions=self.regions | {region: failure})

    def without_region(self, region: str) -> "Rules":
        """Return these rules with the region up."""
        return replace(self, regions={name: how for name, how in self.regions.items() if name != region})

    def with_service(self, service: str, region: str, failure: Failure) -> "Rules":
        """Return these rules with a service failing in a region, or everywhere."""
        return replace(self, services=self.services | {(service, region): failure})

    def without_service(self, service: str, region: str) -> "Rules":
        """Return these rules without that one."""
        return replace(self, services={key: how for key, how in self.services.items() if key != (service, region)})

    def with_cut(self, source: str, target: str, failure: Failure) -> "Rules":
        """Return these rules with a directed path cut."""
        return replace(self, cuts=self.cuts | {(source, target): failure})

    def without_cut(self, source: str, target: str) -> "Rules":
        """Return these rules without that cut."""
        return replace(self, cuts={pair: how for pair, how in self.cuts.items() if pair != (source, target)})
