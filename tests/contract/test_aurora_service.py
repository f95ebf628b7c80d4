"""What an Aurora global database promises of its members and their promotion, in memory and on the twin's RDS."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from failover.adapters.aws import AwsReplicas
from failover.adapters.aws import aurora as adapter
from failover.adapters.aws.clients import client
from failover.adapters.aws.replicas import DRIVERS
from failover.adapters.memory import ManualClock, MemoryAurora, MemoryCopy
from failover.errors import (
    DatabaseUnreachableError,
    PromotionNotDoneError,
    PromotionRefusedError,
    ReplicaNotReadyError,
    TransientError,
)
from failover.ports import ReplicaService, ReplicaState
from failover.records import LossAllowed
from failover.topology import Database, DatasetKind, Engine, Names
from tests.contract.services import SILENCE, answering, raising, refusal
from tests.products import AP, EU, US, quickstart
from tests.twin.postgres.conftest import cloud, eventually, ministack, servers  # noqa: F401 - fixtures
from tests.twin.postgres.globals import GlobalDatabase
from tests.twin.postgres.stage import Cloud, Eventually

ACCOUNTS = Database(
    "accounts", Engine.AURORA_POSTGRES, DatasetKind.SINGLE, "global", US, (EU, AP), 30, "db.r7g.large", 20
)
TOPOLOGY = quickstart(name="ledger", databases=(ACCOUNTS,))
NAMES = Names(TOPOLOGY)
ARN = {region: NAMES.db_cluster_arn("accounts", region) for region in (US, EU, AP)}
LOSSES = (LossAllowed.WITHIN_OBJECTIVE, LossAllowed.CONSENTED)


@dataclass
class Stage:
    """A service, and what a test does to what is behind it."""

    service: ReplicaService
    lose: Callable[[str], None]
    accepted: Callable[[], int]
    wait: Callable[[], None]

    def state(self, region: str) -> ReplicaState:
        return self.service.describe("accounts", region)

    def promote(self, region: str, loss: LossAllowed) -> None:
        self.service.promote("accounts", region, loss=loss)

    def finish(self, region: str) -> None:
        deadline = time.monotonic() + 30
        while self.state(region) != ReplicaState("available", None):
            assert time.monotonic() < deadline, self.state(region)
            self.wait()


@pytest.fixture
def memory() -> Stage:
    clock = ManualClock()
    copies = {("accounts", region): MemoryCopy(clock, in_recovery=region != US) for region in (US, EU, AP)}
    service = MemoryAurora(clock, copies, move_seconds=1.0)

    def lose(region: str) -> None:
        copies["accounts", region].reachable = False

    return Stage(service, lose, lambda: len(service.asked), lambda: clock.sleep(0.5))


@pytest.fixture
def aws(
    cloud: Cloud,  # noqa: F811
    eventually: Eventually,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Stage]:
    for name, value in (
        ("AWS_ENDPOINT_URL", cloud.url),
        ("AWS_ACCESS_KEY_ID", TOPOLOGY.account),
        ("AWS_SECRET_ACCESS_KEY", "x"),
    ):
        monkeypatch.setenv(name, value)
    client.cache_clear()
    whole = GlobalDatabase(cloud, eventually, NAMES.global_database("accounts"))
    whole.make()
    whole.write_from(US)
    before = len(cloud.rds.promotions())

    def accepted() -> int:
        return sum(each.accepted for each in cloud.rds.promotions()[before:])

    yield Stage(AwsReplicas(TOPOLOGY), cloud.rds.region_down, accepted, lambda: time.sleep(0.1))
    whole.mend()
    client.cache_clear()


@pytest.fixture(params=["memory", pytest.param("aws", marks=pytest.mark.twin)])
def stage(request: pytest.FixtureRequest) -> Stage:
    """A global database that us-east-1 writes, with two secondary clusters."""
    found: Stage = request.getfixturevalue(request.param)
    return found


def test_the_writer_follows_nobody_and_the_others_name_it(stage: Stage) -> None:
    assert stage.state(US) == ReplicaState("available", None)
    for region in (EU, AP):
        state = stage.state(region)
        assert state.status == "available"
        assert state.source is not None and US in state.source


def test_a_planned_move_is_not_done_before_the_service_says_so(stage: Stage) -> None:
    stage.promote(EU, LossAllowed.NONE)
    during = stage.state(EU)
    assert during.status == "switching-over"
    assert during.source is not None and US in during.source
    stage.finish(EU)
    old = stage.state(US)
    assert old.source is not None and EU in old.source


def test_asking_twice_asks_once(stage: Stage) -> None:
    stage.promote(EU, LossAllowed.WITHIN_OBJECTIVE)
    stage.promote(EU, LossAllowed.WITHIN_OBJECTIVE)
    stage.finish(EU)
    stage.promote(EU, LossAllowed.WITHIN_OBJECTIVE)
    assert stage.accepted() == 1


def test_without_word_that_data_may_be_lost_a_dead_writer_is_not_left_behind(stage: Stage) -> None:
    stage.lose(US)
    with pytest.raises((PromotionRefusedError, PromotionNotDoneError)):
        stage.promote(EU, LossAllowed.NONE)
    assert stage.accepted() == 0
    state = stage.state(EU)
    assert state.source is not None and US in state.source


@pytest.mark.parametrize("loss", LOSSES)
def test_with_it_the_target_takes_over_and_the_third_follows(stage: Stage, loss: LossAllowed) -> None:
    stage.lose(US)
    stage.promote(EU, loss)
    assert stage.state(EU).status == "failing-over"
    stage.finish(EU)
    third = stage.state(AP)
    assert third.source is not None and EU in third.source


def test_a_move_has_one_target(stage: Stage) -> None:
    stage.promote(EU, LossAllowed.WITHIN_OBJECTIVE)
    with pytest.raises(PromotionRefusedError):
        stage.promote(AP, LossAllowed.WITHIN_OBJECTIVE)
    stage.finish(EU)
    assert stage.accepted() == 1


def test_every_engine_has_a_driver() -> None:
    assert set(DRIVERS) == set(Engine)


# --- what RDS may answer where no emulator would ----------------------------------------------------------


def whole(writer: str = US, **state: Any) -> dict[str, Any]:
    members = [{"DBClusterArn": ARN[region], "IsWriter": region == writer} for region in (US, EU, AP)]
    return {
        "GlobalClusterIdentifier": "ledger-accounts",
        "Status": "available",
        "GlobalClusterMembers": members,
        **state,
    }


Calls = dict[str, Callable[..., Any]]


def told(described: dict[str, Any], status: str = "available") -> Calls:
    return {
        "describe_global_clusters": lambda **_: {"GlobalClusters": [described]},
        "describe_db_clusters": lambda **_: {"DBClusters": [{"Status": status}]},
    }


def test_data_loss_is_allowed_where_somebody_allowed_it_and_nowhere_else() -> None:
    heard: list[tuple[str, dict[str, Any]]] = []
    calls: Calls = {
        "failover_global_cluster": lambda **asked: heard.append(("failover", asked)),
        "switchover_global_cluster": lambda **asked: heard.append(("switchover", asked)),
    }
    for loss in LossAllowed:
        with answering(adapter, {**told(whole()), **calls}):
            AwsReplicas(TOPOLOGY).promote("accounts", EU, loss=loss)
    assert [(name, asked.get("AllowDataLoss")) for name, asked in heard] == [
        ("switchover", None),
        ("failover", True),
        ("failover", True),
    ]
    assert {asked["TargetDbClusterIdentifier"] for _, asked in heard} == {ARN[EU]}


@pytest.mark.parametrize(("loss", "asked_in"), [(LossAllowed.CONSENTED, {EU}), (LossAllowed.NONE, {EU, US})])
def test_a_lost_region_is_never_asked(loss: LossAllowed, asked_in: set[str]) -> None:
    """A switchover is asked for where the writer is, which is healthy then, or it is no switchover."""
    calls: Calls = {"failover_global_cluster": lambda **_: {}, "switchover_global_cluster": lambda **_: {}}
    with answering(adapter, {**told(whole()), **calls}) as asked:
        AwsReplicas(TOPOLOGY).describe("accounts", EU)
        AwsReplicas(TOPOLOGY).promote("accounts", EU, loss=loss)
    assert {region for _, region in asked} == asked_in


@pytest.mark.parametrize(
    ("described", "status", "state"),
    [
        (whole(EU), "available", ReplicaState("available", None)),
        (whole(EU), "promoting", ReplicaState("promoting", None)),
        (whole(EU, Status="failing-over"), "available", ReplicaState("failing-over", ARN[EU])),
        (
            whole(EU, FailoverState={"Status": "cancelling", "FromDbClusterArn": ARN[US], "ToDbClusterArn": ARN[EU]}),
            "available",
            ReplicaState("cancelling", ARN[US]),
        ),
        (whole("nobody"), "available", ReplicaState("available", "ledger-accounts")),
        (whole(US), "upgrading", ReplicaState("upgrading", ARN[US])),
    ],
    ids=["done", "not yet", "moving", "cancelled", "no writer", "replica"],
)
def test_done_means_the_writer_and_nothing_moving(described: dict[str, Any], status: str, state: ReplicaState) -> None:
    with answering(adapter, told(described, status)):
        assert AwsReplicas(TOPOLOGY).describe("accounts", EU) == state


@pytest.mark.parametrize("error", [*SILENCE, refusal("Throttling"), refusal("GlobalClusterNotFoundFault", 404)])
def test_a_service_that_does_not_describe_is_unreachable(error: Exception) -> None:
    with answering(adapter, {"describe_global_clusters": raising(error)}), pytest.raises(DatabaseUnreachableError):
        AwsReplicas(TOPOLOGY).describe("accounts", EU)


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (refusal("InvalidDBClusterStateFault"), ReplicaNotReadyError),
        (refusal("InvalidGlobalClusterStateFault"), PromotionRefusedError),
        (refusal("GlobalClusterNotFoundFault", 404), PromotionRefusedError),
        (refusal("DBClusterNotFoundFault", 404), PromotionRefusedError),
        (refusal("Throttling"), PromotionRefusedError),
        (refusal("InternalFailure", 500), PromotionNotDoneError),
        *((silence, PromotionNotDoneError) for silence in SILENCE),
    ],
    ids=lambda each: getattr(each, "__name__", str(each))[:60],
)
@pytest.mark.parametrize("loss", [LossAllowed.NONE, LossAllowed.CONSENTED])
def test_what_the_service_says_to_a_promotion_has_one_name(
    error: Exception, name: type[TransientError], loss: LossAllowed
) -> None:
    calls: Calls = {"failover_global_cluster": raising(error), "switchover_global_cluster": raising(error)}
    with (
        answering(adapter, {**told(whole()), **calls}),
        pytest.raises(name, match="ledger-accounts-eu-west-1") as raised,
    ):
        AwsReplicas(TOPOLOGY).promote("accounts", EU, loss=loss)
    assert raised.type is name
    assert raised.value.__cause__ is error
