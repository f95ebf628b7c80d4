"""Which database a region's service writes on the twin, and which name its users ask for."""

from dataclasses import replace

from failover.topology import DatasetKind, Region, Role, Route, RoutePolicy
from tests.products import AP, EU, US, quickstart
from twin.workload.homes import asked_for, homes

ORDERS = quickstart().databases[0]


def test_where_a_database_moves_every_region_writes_it() -> None:
    people = replace(ORDERS, name="people", kind=DatasetKind.HOME_REGION, born_primary=EU, replicas=())
    found = homes(quickstart(databases=(people, ORDERS)))
    assert {region: each.name for region, each in found.items()} == {US: "orders", EU: "orders", AP: "orders"}


def test_what_stays_at_home_is_written_there_and_by_a_region_without_any_elsewhere() -> None:
    at_home = [
        replace(ORDERS, name=f"people-{region}", kind=DatasetKind.HOME_REGION, born_primary=region, replicas=())
        for region in (US, EU)
    ]
    found = homes(quickstart(databases=tuple(at_home)))
    assert {region: each.name for region, each in found.items()} == {
        US: f"people-{US}",
        EU: f"people-{EU}",
        AP: f"people-{US}",
    }


def test_users_ask_for_the_name_of_their_own_zone() -> None:
    routes = tuple(
        Route(name, RoutePolicy.LATENCY, 20, (region,), writes=True) for name, region in (("us", US), ("eu", EU))
    )
    regions = (Region(US, Role.PRIMARY, "US", "10.1.0.0/16"), Region(EU, Role.ACTIVE, "EU", "10.2.0.0/16"))
    zoned = quickstart(regions=regions, routes=routes)
    names = {region: route.name for region in (US, EU) if (route := asked_for(zoned, region))}
    assert names == {US: "us", EU: "eu"}
    assert asked_for(replace(zoned, routes=(replace(routes[0], writes=False),)), EU) is None
