"""What can break: one class of arguments for each kind of fault.

A stage matches on the classes. A kind whose class is not here cannot be written, and a stage that cannot
play a kind says so before the play begins.
"""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from rehearsal.form.database_faults import (
    DatabaseDown,
    DatabaseReadOnly,
    DiskFull,
    PromotionRefused,
    PromotionSlow,
    PromotionUnanswered,
    ReplicaLag,
)
from rehearsal.form.durations import Duration
from rehearsal.form.entries import EVERYWHERE, Chosen, wrong
from rehearsal.form.fault_kinds import Amiss, Failing, Fault, FaultKind, Invoked, Slowed, Source, Spoiled, Underway
from rehearsal.form.function_faults import (
    ClockSkew,
    ExecutorFrozen,
    ExecutorKilled,
    FunctionsDown,
    FunctionsFrozen,
    GuardDead,
    Invocations,
    ObserverDown,
)
from rehearsal.form.gray_faults import MAY_BE, Answers, Requests

__all__ = [
    "FAULTS",
    "MAY_BE",
    "Amiss",
    "Answers",
    "ApiDown",
    "ApiThrottled",
    "CapacityMissing",
    "ClientsCut",
    "ClockSkew",
    "DatabaseDown",
    "DatabaseReadOnly",
    "DiskFull",
    "ExecutorFrozen",
    "ExecutorKilled",
    "Failing",
    "Fault",
    "FaultKind",
    "Flapping",
    "FunctionsDown",
    "FunctionsFrozen",
    "GuardDead",
    "Invocations",
    "Invoked",
    "NetworkCut",
    "ObserverDown",
    "OneFault",
    "OneHealing",
    "PromotionRefused",
    "PromotionSlow",
    "PromotionUnanswered",
    "RegionDown",
    "RegionDownAfter",
    "ReplicaLag",
    "Requests",
    "Slow",
    "Slowed",
    "Source",
    "Spoiled",
    "SpoiledEvents",
    "StoreReplicaDown",
    "Underway",
]


class RegionDown(Fault):
    """All of a region: AWS calls, functions, rules, load balancer, databases."""

    kind, outage, shorthand = FaultKind.REGION_DOWN, True, "region"
    region: str
    calls: Failing = Failing.REFUSE


class NetworkCut(Fault):
    """No packet passes ``from`` one region ``to`` another (``*``: any), or one region is cut off both ways.

    ``observer`` cuts only what the control plane of a region sends to other regions' endpoints and to the
    neutral places: it still reaches the quorum store, so that it can vote on what it believes to see.
    """

    kind, outage = FaultKind.NETWORK_CUT, True
    source: str | None = Field(default=None, alias="from")
    target: str | None = Field(default=None, alias="to")
    isolate: str | None = None
    observer: str | None = None
    calls: Failing = Failing.HANG

    @model_validator(mode="after")
    def _one_way_of_saying(self) -> Self:
        ways = [
            self.source is not None and self.target is not None,
            self.isolate is not None,
            self.observer is not None,
        ]
        halves = (self.source is None) != (self.target is None)
        if sum(ways) != 1 or halves:
            raise wrong(
                "says not clearly what is cut",
                "from with to, or isolate, or observer",
                "write {from: us-east-1, to: eu-west-1}, {isolate: us-east-1} or {observer: us-east-1}",
            )
        return self


class Slow(Fault):
    """Every answer of one part of a region comes later by up to ``seconds``; with ``grows`` that begins at nothing.

    ``application``: each answer of the workload, by just so long. ``database``: the server of every copy in the
    region stands still for so long, over and over, so that an answer comes up to so much later. ``aws``: each
    call to the region's APIs by the control plane, by just so long.
    """

    kind, outage = FaultKind.SLOW, True
    region: str
    what: Slowed = Slowed.APPLICATION
    seconds: float = Field(gt=0)
    grows: Duration = 0.0


class ApiDown(Fault):
    """The API of one AWS service fails, in one region or everywhere."""

    kind, shorthand = FaultKind.API_DOWN, "service"
    service: str
    region: str = EVERYWHERE
    calls: Failing = Failing.REFUSE


class ApiThrottled(Fault):
    """A ``share`` of the calls to one AWS service is refused with its throttling error."""

    kind, shorthand = FaultKind.API_THROTTLED, "service"
    service: str
    region: str = EVERYWHERE
    share: float = Field(default=1.0, gt=0, le=1)


class Flapping(Fault):
    """A region is down for the first half of each period and up for the second."""

    kind, outage = FaultKind.FLAPPING, True
    region: str
    period: Duration = Field(gt=0)
    calls: Failing = Failing.REFUSE


class RegionDownAfter(Fault):
    """The region whose execution leaves a ``state`` goes down at that moment, the next ``times`` that one does.

    The region is known only then, so that it is not the play's outage: recovery counts from what began it.
    """

    kind, shorthand = FaultKind.REGION_DOWN_AFTER, "state"
    state: str
    times: int = Field(default=1, ge=1)
    calls: Failing = Failing.REFUSE


class SpoiledEvents(Fault):
    """What becomes of events between their sender and the rules of a region's bus.

    ``duplicated``: delivered at once, and again after ``seconds``. ``delayed``: delivered only after ``seconds``.
    ``reordered``: gathered for ``seconds``, then delivered newest first. ``stale``: what the bus has seen so far is
    delivered once more at once, newest first, as events that were sent ``seconds`` ago.
    """

    kind, shorthand = FaultKind.EVENTS, "how"
    how: Spoiled
    seconds: float = Field(default=5.0, gt=0)
    region: str = EVERYWHERE


class StoreReplicaDown(Fault):
    """One region of the quorum store, replica or witness, answers nobody, and the others cannot reach it either."""

    kind, shorthand = FaultKind.STORE_REPLICA_DOWN, "region"
    region: str
    calls: Failing = Failing.REFUSE


class ClientsCut(Fault):
    """Users do not reach a region that is alive; with ``observers`` neither do the other regions' observers."""

    kind, outage, shorthand = FaultKind.CLIENTS_CUT, True, "region"
    region: str
    observers: bool = False
    calls: Failing = Failing.HANG


class CapacityMissing(Fault):
    """No more nodes start in a region: its zones have no instances left of the kind that is wanted."""

    kind, shorthand = FaultKind.CAPACITY_MISSING, "region"
    region: str


FAULTS: Final[dict[FaultKind, type[Fault]]] = {each.kind: each for each in Fault.__subclasses__()}

OneFault = Annotated[Fault, Chosen("fault", FAULTS)]
OneHealing = Annotated[Fault | Literal["all"], Chosen("fault", FAULTS, word="all")]
