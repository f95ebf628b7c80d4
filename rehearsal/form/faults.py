"""What can break: one class of arguments for each kind of fault.

A stage matches on the classes. A kind whose class is not here cannot be written, and a stage that cannot
play a kind says so before the play begins.
"""

from enum import StrEnum
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from rehearsal.form.durations import Duration
from rehearsal.form.entries import EVERYWHERE, Arguments, Chosen, wrong


class FaultKind(StrEnum):
    """Every kind of fault that a scenario may name."""

    REGION_DOWN = "region_down"
    DATABASE_DOWN = "database_down"
    NETWORK_CUT = "network_cut"
    REPLICA_LAG = "replica_lag"
    SLOW = "slow"
    API_DOWN = "api_down"
    API_THROTTLED = "api_throttled"
    OBSERVER_DOWN = "observer_down"
    GUARD_DEAD = "guard_dead"
    FUNCTIONS_DOWN = "functions_down"
    PROMOTION_REFUSED = "promotion_refused"
    PROMOTION_UNANSWERED = "promotion_unanswered"
    EXECUTOR_KILLED = "executor_killed"
    CLOCK_SKEW = "clock_skew"
    FLAPPING = "flapping"


class Failing(StrEnum):
    """How a call fails: answered with an error or a closed port at once, or never answered."""

    REFUSE = "refuse"
    HANG = "hang"


class Slowed(StrEnum):
    """What of a region can be slow."""

    APPLICATION = "application"
    DATABASE = "database"
    AWS = "aws"


class Fault(Arguments):
    """A fault with its arguments.

    ``outage`` says whether it can take the service away: the recovery time counts from such a one.
    """

    kind: ClassVar[FaultKind]
    outage: ClassVar[bool] = False

    def line(self) -> str:
        """Return kind and arguments in one line for people."""
        return f"{self.kind.value} {self.told()}".strip()


class RegionDown(Fault):
    """All of a region: AWS calls, functions, rules, load balancer, databases."""

    kind, outage, shorthand = FaultKind.REGION_DOWN, True, "region"
    region: str
    calls: Failing = Failing.REFUSE


class DatabaseDown(Fault):
    """One copy of a database: its server is gone, the rest of the region lives."""

    kind, outage = FaultKind.DATABASE_DOWN, True
    database: str
    region: str


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


class ReplicaLag(Fault):
    """A copy receives no more WAL: it falls behind by a second each second, at most by ``seconds``."""

    kind = FaultKind.REPLICA_LAG
    database: str
    region: str = EVERYWHERE
    seconds: float | None = Field(default=None, gt=0)


class Slow(Fault):
    """Every answer of one part of a region comes later by ``seconds``."""

    kind = FaultKind.SLOW
    region: str
    what: Slowed = Slowed.APPLICATION
    seconds: float = Field(gt=0)


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


class ObserverDown(Fault):
    """A control region's prober does not run; everything else of the region does."""

    kind, shorthand = FaultKind.OBSERVER_DOWN, "region"
    region: str


class GuardDead(Fault):
    """The guard of a region does not run: nobody extends its leases."""

    kind, outage, shorthand = FaultKind.GUARD_DEAD, True, "region"
    region: str


class FunctionsDown(Fault):
    """No function runs and no rule fires in a region; its databases and its application live on."""

    kind, outage, shorthand = FaultKind.FUNCTIONS_DOWN, True, "region"
    region: str


class PromotionRefused(Fault):
    """The next promotion calls are refused with an error of the database service."""

    kind = FaultKind.PROMOTION_REFUSED
    region: str = EVERYWHERE
    times: int = Field(default=1, ge=1)
    error: str = "InvalidDBInstanceState"


class PromotionUnanswered(Fault):
    """The next promotion calls are accepted and carried out, and the caller never gets an answer."""

    kind = FaultKind.PROMOTION_UNANSWERED
    region: str = EVERYWHERE
    times: int = Field(default=1, ge=1)


class ExecutorKilled(Fault):
    """The function that runs a step dies in its midst, the next ``times`` that it runs."""

    kind, shorthand = FaultKind.EXECUTOR_KILLED, "step"
    step: str
    region: str = EVERYWHERE
    times: int = Field(default=1, ge=1)


class ClockSkew(Fault):
    """The wall clock of a region's functions is ahead by ``seconds``, or behind where negative."""

    kind = FaultKind.CLOCK_SKEW
    region: str
    seconds: float


class Flapping(Fault):
    """A region is down for the first half of each period and up for the second."""

    kind, outage = FaultKind.FLAPPING, True
    region: str
    period: Duration = Field(gt=0)
    calls: Failing = Failing.REFUSE


FAULTS: Final[dict[FaultKind, type[Fault]]] = {each.kind: each for each in Fault.__subclasses__()}

OneFault = Annotated[Fault, Chosen("fault", FAULTS)]
OneHealing = Annotated[Fault | Literal["all"], Chosen("fault", FAULTS, word="all")]
