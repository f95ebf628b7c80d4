"""What the cache service promises of a global cache, in memory and on ElastiCache as the twin emulates it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import boto3
import pytest

from failover.adapters.aws import AwsCaches
from failover.adapters.aws import caches as adapter
from failover.adapters.memory import ManualClock, MemoryCaches
from failover.errors import CacheNotPromotedError
from failover.regional_ports import CacheService, CacheState
from failover.topology import Cache, CacheTier, Names
from tests.contract.emulated import emulated_aws
from tests.contract.services import SILENCE, answering, raising, refusal
from tests.products import AP, EU, US, quickstart

SESSIONS = Cache("sessions", CacheTier.GLOBAL, US, (EU,))
TOPOLOGY = quickstart(caches=(SESSIONS,))
NAMES = Names(TOPOLOGY)
PROMOTE_SECONDS = 0.4


@dataclass
class Stage:
    """A global cache that was born in us-east-1 and has a copy in eu-west-1."""

    service: CacheService
    wait: Callable[[], None]
    lose: Callable[[str], None]


@pytest.fixture(params=["memory", pytest.param("aws", marks=pytest.mark.twin)])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    if request.param == "memory":
        clock = ManualClock()
        memory = MemoryCaches(clock, {"sessions": CacheState("available", US, (US, EU))}, PROMOTE_SECONDS)
        memory.silent.add(AP)
        yield Stage(memory, lambda: clock.sleep(1), memory.silent.add)
        return
    with emulated_aws() as aws:
        aws.global_caches.promote_seconds = PROMOTE_SECONDS
        make_datastore()
        yield Stage(AwsCaches(TOPOLOGY), lambda: time.sleep(PROMOTE_SECONDS), aws.outages.region_down)


def make_datastore() -> None:
    common = {"ReplicationGroupId": NAMES.cache_group("sessions"), "ReplicationGroupDescription": "sessions"}
    here = boto3.client("elasticache", US)
    here.create_replication_group(**common, Engine="valkey", CacheNodeType="cache.r7g.large", NumCacheClusters=3)
    here.create_global_replication_group(
        GlobalReplicationGroupIdSuffix=NAMES.cache_group("sessions"),
        PrimaryReplicationGroupId=NAMES.cache_group("sessions"),
    )
    boto3.client("elasticache", EU).create_replication_group(
        **common, GlobalReplicationGroupId=NAMES.global_cache("sessions"), NumCacheClusters=3
    )


def test_it_is_written_where_it_was_born(stage: Stage) -> None:
    assert stage.service.describe("sessions", EU) == CacheState("available", US, (US, EU))


def test_a_promotion_is_under_way_before_it_is_done(stage: Stage) -> None:
    stage.service.promote("sessions", EU)
    assert stage.service.describe("sessions", EU).status == "modifying"
    stage.wait()
    assert stage.service.describe("sessions", EU) == CacheState("available", EU, (US, EU))


def test_it_can_be_promoted_while_its_writers_region_is_lost(stage: Stage) -> None:
    stage.lose(US)
    stage.service.promote("sessions", EU)
    stage.wait()
    assert stage.service.describe("sessions", EU).primary == EU


def test_a_promotion_during_a_promotion_is_refused(stage: Stage) -> None:
    stage.service.promote("sessions", EU)
    with pytest.raises(CacheNotPromotedError):
        stage.service.promote("sessions", EU)


def test_a_region_without_a_copy_knows_nothing_of_it_and_cannot_take_it(stage: Stage) -> None:
    with pytest.raises(CacheNotPromotedError):
        stage.service.describe("sessions", AP)
    with pytest.raises(CacheNotPromotedError):
        stage.service.promote("sessions", AP)


def test_the_new_writers_region_is_asked_and_no_other() -> None:
    datastore = {"Status": "available", "Members": [{"ReplicationGroupRegion": EU, "Role": "SECONDARY"}]}
    answers = {
        "describe_global_replication_groups": lambda **_: {"GlobalReplicationGroups": [datastore]},
        "failover_global_replication_group": lambda **_: {},
    }
    with answering(adapter, answers) as asked:
        assert AwsCaches(TOPOLOGY).describe("sessions", EU) == CacheState("available", None, (EU,))
        AwsCaches(TOPOLOGY).promote("sessions", EU)
    assert set(asked) == {("elasticache", EU)}


@pytest.mark.parametrize(
    "error",
    [
        *SILENCE,
        refusal("GlobalReplicationGroupNotFoundFault", 404),
        refusal("InvalidGlobalReplicationGroupState"),
        refusal("Throttling"),
        refusal("InternalFailure", 500),
    ],
)
@pytest.mark.parametrize("call", ["describe_global_replication_groups", "failover_global_replication_group"])
def test_whatever_goes_wrong_it_is_not_promoted(call: str, error: Exception) -> None:
    caches = AwsCaches(TOPOLOGY)
    act = caches.describe if call.startswith("describe") else caches.promote
    with answering(adapter, {call: raising(error)}), pytest.raises(CacheNotPromotedError, match="sessions") as raised:
        act("sessions", EU)
    assert raised.value.__cause__ is error
