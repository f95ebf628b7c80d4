"""Drawn faults of regions, of the paths between them, and of the services and sources in them."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from rehearsal.form import faults as form
from rehearsal.form.entries import EVERYWHERE
from rehearsal.form.faults import MAY_BE, Amiss, Failing, Fault, FaultKind, Slowed, Source, Spoiled, Underway
from simulator.schedules.lots import Lots

SERVICES: Final = ("dynamodb", "rds", "lambda", "stepfunctions", "eventbridge", "cloudwatch", "sns", "eks")
"""The services of AWS that Lifeboat calls, under the names that people write."""

CHANGING: Final = ("dynamodb", "dynamodb", "rds", "lambda", "stepfunctions")
"""Those at which a request changes something that matters; the store's more often than others."""

SHARES: Final = (0.2, 0.5, 0.9, 1.0)
SLOWED: Final = tuple(Slowed)
SOURCES: Final = tuple(each for each in Source if each is not Source.ADVISORIES)
SPOILED: Final = tuple(Spoiled)
UNDERWAY: Final = tuple(Underway)


def _failing(lots: Lots) -> Failing:
    return Failing.HANG if lots.happens(0.5) else Failing.REFUSE


def _place_of(lots: Lots, service: str) -> str:
    return lots.anywhere(lots.store_replicas if service == "dynamodb" else lots.regions)


def _region_down(lots: Lots) -> Fault:
    return form.RegionDown.model_construct(region=lots.region(), calls=_failing(lots))


def _flapping(lots: Lots) -> Fault:
    return form.Flapping.model_construct(region=lots.region(), period=lots.spread(2, 40), calls=_failing(lots))


def _network_cut(lots: Lots) -> Fault:
    calls, way = _failing(lots), lots.random()
    if way < 0.3:
        return form.NetworkCut.model_construct(isolate=lots.region(), calls=calls)
    if way < 0.5:
        return form.NetworkCut.model_construct(observer=lots.control_region(), calls=calls)
    places = (*lots.regions, *lots.store_places)
    source = lots.region()
    target = EVERYWHERE if lots.happens(0.3) else lots.one([place for place in places if place != source])
    if lots.happens(0.5):
        source, target = target, source
    return form.NetworkCut.model_construct(source=source, target=target, calls=calls)


def _clients_cut(lots: Lots) -> Fault:
    return form.ClientsCut.model_construct(region=lots.region(), observers=lots.happens(0.5), calls=_failing(lots))


def _store_replica_down(lots: Lots) -> Fault:
    return form.StoreReplicaDown.model_construct(region=lots.one(lots.store_places), calls=_failing(lots))


def _slow(lots: Lots) -> Fault:
    what = lots.one(SLOWED)
    places = (*lots.regions, *lots.store_replicas) if what is Slowed.AWS else lots.regions
    region = lots.region() if lots.happens(0.5) else lots.one(places)
    grows = lots.between(5, 30) if lots.happens(0.3) else 0.0
    return form.Slow.model_construct(region=region, what=what, seconds=lots.spread(0.1, 5), grows=grows)


def _api_down(lots: Lots) -> Fault:
    service = lots.one(SERVICES)
    return form.ApiDown.model_construct(service=service, region=_place_of(lots, service), calls=_failing(lots))


def _api_throttled(lots: Lots) -> Fault:
    service = lots.one(SERVICES)
    return form.ApiThrottled.model_construct(service=service, region=_place_of(lots, service), share=lots.one(SHARES))


def _requests(lots: Lots) -> Fault:
    service, how = lots.one(CHANGING), lots.one(UNDERWAY)
    late: dict[str, Any] = {"seconds": lots.spread(0.2, 30)} if how is Underway.LATE else {}
    times = None if lots.happens(0.2) else lots.times(3)
    return form.Requests.model_construct(service=service, how=how, region=_place_of(lots, service), times=times, **late)


def _answers(lots: Lots) -> Fault:
    what = lots.one(SOURCES)
    how = lots.one(MAY_BE[what])
    late: dict[str, Any] = {"seconds": lots.spread(0.2, 20)} if how is Amiss.LATE else {}
    return form.Answers.model_construct(what=what, how=how, region=lots.anywhere(lots.regions), **late)


def _events(lots: Lots) -> Fault:
    region = lots.anywhere(lots.control_regions)
    return form.SpoiledEvents.model_construct(how=lots.one(SPOILED), seconds=lots.spread(0.2, 30), region=region)


NETWORK: Final[Mapping[FaultKind, Callable[[Lots], Fault]]] = {
    FaultKind.ANSWERS: _answers,
    FaultKind.API_DOWN: _api_down,
    FaultKind.API_THROTTLED: _api_throttled,
    FaultKind.CLIENTS_CUT: _clients_cut,
    FaultKind.EVENTS: _events,
    FaultKind.FLAPPING: _flapping,
    FaultKind.NETWORK_CUT: _network_cut,
    FaultKind.REGION_DOWN: _region_down,
    FaultKind.REQUESTS: _requests,
    FaultKind.SLOW: _slow,
    FaultKind.STORE_REPLICA_DOWN: _store_replica_down,
}
