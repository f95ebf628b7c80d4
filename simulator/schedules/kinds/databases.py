"""Drawn faults of databases and of their promotion."""

from collections.abc import Callable, Mapping
from typing import Final

from rehearsal.form import faults as form
from rehearsal.form.faults import Fault, FaultKind
from simulator.schedules.lots import Lots


def _database_down(lots: Lots) -> Fault:
    database, region = lots.copy()
    return form.DatabaseDown.model_construct(database=database, region=region)


def _database_read_only(lots: Lots) -> Fault:
    database, region = lots.copy()
    return form.DatabaseReadOnly.model_construct(database=database, region=region)


def _disk_full(lots: Lots) -> Fault:
    database, region = lots.copy()
    return form.DiskFull.model_construct(database=database, region=region)


def _replica_lag(lots: Lots) -> Fault:
    database, region = lots.replica()
    seconds = None if lots.happens(0.5) else lots.spread(1, 120)
    return form.ReplicaLag.model_construct(database=database, region=region, seconds=seconds)


def _promotion_refused(lots: Lots) -> Fault:
    error = "InvalidDBInstanceState" if lots.happens(0.8) else "DBInstanceNotFound"
    region = lots.anywhere(lots.others)
    return form.PromotionRefused.model_construct(region=region, times=lots.times(4), error=error)


def _promotion_unanswered(lots: Lots) -> Fault:
    return form.PromotionUnanswered.model_construct(region=lots.anywhere(lots.others), times=lots.times(3))


def _promotion_slow(lots: Lots) -> Fault:
    return form.PromotionSlow.model_construct(region=lots.anywhere(lots.others), seconds=lots.spread(2, 60))


DATABASES: Final[Mapping[FaultKind, Callable[[Lots], Fault]]] = {
    FaultKind.DATABASE_DOWN: _database_down,
    FaultKind.DATABASE_READ_ONLY: _database_read_only,
    FaultKind.DISK_FULL: _disk_full,
    FaultKind.PROMOTION_REFUSED: _promotion_refused,
    FaultKind.PROMOTION_SLOW: _promotion_slow,
    FaultKind.PROMOTION_UNANSWERED: _promotion_unanswered,
    FaultKind.REPLICA_LAG: _replica_lag,
}
