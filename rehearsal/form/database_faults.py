"""What can break of a database: its server, its disk, its replicas, its promotion."""

from pydantic import Field

from rehearsal.form.entries import EVERYWHERE
from rehearsal.form.fault_kinds import Fault, FaultKind


class DatabaseDown(Fault):
    """One copy of a database: its server is gone, the rest of the region lives."""

    kind, outage = FaultKind.DATABASE_DOWN, True
    database: str
    region: str


class DatabaseReadOnly(Fault):
    """The server of one copy answers and takes no writes of anybody; its gate says nothing of it."""

    kind, outage = FaultKind.DATABASE_READ_ONLY, True
    database: str
    region: str


class DiskFull(Fault):
    """The server of one copy can write no file any more, and ends when it must write its log."""

    kind, outage = FaultKind.DISK_FULL, True
    database: str
    region: str


class ReplicaLag(Fault):
    """A copy receives no more WAL: it falls behind by a second each second, at most by ``seconds``."""

    kind = FaultKind.REPLICA_LAG
    database: str
    region: str = EVERYWHERE
    seconds: float | None = Field(default=None, gt=0)


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


class PromotionSlow(Fault):
    """A promotion that is asked for takes ``seconds`` longer until it is done; until then the copy says so."""

    kind = FaultKind.PROMOTION_SLOW
    region: str = EVERYWHERE
    seconds: float = Field(default=60.0, gt=0)
