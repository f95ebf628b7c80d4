"""The kinds of faults, the words of their arguments, and what they have in common."""

from enum import StrEnum
from typing import ClassVar

from rehearsal.form.entries import Arguments


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
    REGION_DOWN_AFTER = "region_down_after"
    DATABASE_READ_ONLY = "database_read_only"
    DISK_FULL = "disk_full"
    EVENTS = "events"
    STORE_REPLICA_DOWN = "store_replica_down"
    CLIENTS_CUT = "clients_cut"
    ANSWERS = "answers"
    REQUESTS = "requests"
    INVOCATIONS = "invocations"
    EXECUTOR_FROZEN = "executor_frozen"
    FUNCTIONS_FROZEN = "functions_frozen"
    PROMOTION_SLOW = "promotion_slow"
    CAPACITY_MISSING = "capacity_missing"


class Failing(StrEnum):
    """How a call fails: answered with an error or a closed port at once, or never answered."""

    REFUSE = "refuse"
    HANG = "hang"


class Slowed(StrEnum):
    """What of a region can be slow."""

    APPLICATION = "application"
    DATABASE = "database"
    AWS = "aws"


class Spoiled(StrEnum):
    """What becomes of events on their way to the rules."""

    DUPLICATED = "duplicated"
    DELAYED = "delayed"
    REORDERED = "reordered"
    STALE = "stale"


class Source(StrEnum):
    """Who tells something that others act on."""

    HEALTH = "health"
    DATABASE_SERVICE = "database_service"
    COMPUTE = "compute"
    CACHES = "caches"
    LEVER = "lever"
    LAST_KNOWN = "last_known"
    NEUTRAL_PLACES = "neutral_places"
    CHECKERS = "checkers"
    ALARMS = "alarms"
    ADVISORIES = "advisories"
    RESOLVER = "resolver"


class Amiss(StrEnum):
    """What is amiss with an answer that does come."""

    STALE = "stale"
    PARTIAL = "partial"
    WRONG = "wrong"
    LATE = "late"


class Underway(StrEnum):
    """What becomes of a request that was sent and is carried out, while its caller hears nothing of it."""

    LATE = "late"
    UNANSWERED = "unanswered"


class Invoked(StrEnum):
    """What becomes of the invocation of a function."""

    THROTTLED = "throttled"
    COLD = "cold"
    TIMED_OUT = "timed_out"


class Fault(Arguments):
    """A fault with its arguments.

    ``outage`` says whether it can take the service away: the recovery time counts from such a one.
    """

    kind: ClassVar[FaultKind]
    outage: ClassVar[bool] = False

    def line(self) -> str:
        """Return kind and arguments in one line for people."""
        return f"{self.kind.value} {self.told()}".strip()
