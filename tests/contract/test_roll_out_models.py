"""The function ``roll_out_models`` as it is deployed, on emulated services and a quorum store."""

import importlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from failover.adapters.aws import AwsStore
from failover.adapters.aws.models import AwsModelRecords
from failover.environments import RollOutModelsEnvironment
from failover.errors import ModelsDeniedError
from failover.model_versions import RegionalModel
from failover.plain import as_plain
from failover.records import Incident, IncidentState
from runtime import wiring
from tests.contract.conftest import TABLE, make_table
from tests.contract.models_world import ONE, PLAN, TOPOLOGY, make_places, publish
from tests.products import EU, QUORUM, US, quickstart
from tests.unit.runtime.functions import context

INCIDENT = Incident(
    "i-1", US, EU, 1, IncidentState.OPEN, "R330", "down", datetime(2026, 1, 1, tzinfo=UTC), "digest", ()
)


@pytest.fixture
def deployed(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The function as its stack deploys it to the region of publication, on a quorum store without an incident."""
    make_places()
    make_table(QUORUM[0])
    told = RollOutModelsEnvironment(
        quorum_table=TABLE, quorum_regions=QUORUM[:1], models={PLAN.name: as_plain(PLAN)}
    ).as_variables()
    for name, value in {**told, "AWS_REGION": US}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(wiring, "topology", quickstart)
    monkeypatch.setattr(AwsStore, "require_strong", lambda _: None)
    for made in (wiring.here, wiring.ports, wiring.models):
        made.cache_clear()
    yield importlib.import_module("roll_out_models.handler").handle
    for made in (wiring.here, wiring.ports, wiring.models):
        made.cache_clear()


def test_the_function_takes_a_published_version_whatever_woke_it(deployed: Any) -> None:
    publish(ONE)
    assert deployed({"detail": {"object": {"key": "something/else"}}}, context()) == {"ranking": "M250"}
    record = AwsModelRecords(TOPOLOGY).read(EU, "ranking")
    assert record
    assert record.current == ONE


def test_what_aws_denies_fails_the_function_when_all_else_is_done(
    deployed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(ONE)
    read = AwsModelRecords.read

    def in_europe_alone(records: AwsModelRecords, region: str, model: str) -> RegionalModel | None:
        if region == US:
            raise ModelsDeniedError(f"record in {region}: AccessDeniedException")
        return read(records, region, model)

    monkeypatch.setattr(AwsModelRecords, "read", in_europe_alone)
    monkeypatch.setattr(wiring.models()[0].gauges, "tell_health", lambda *_: None)
    with pytest.raises(ModelsDeniedError, match=US):
        deployed({}, context())
    record = read(AwsModelRecords(TOPOLOGY), EU, "ranking")
    assert record
    assert record.current == ONE


def test_the_function_holds_while_an_incident_is_open(deployed: Any) -> None:
    publish(ONE)
    store = wiring.ports().store
    seen = store.control()
    store.change_control(seen, replace(seen, incident=INCIDENT))
    assert deployed({}, context()) == {"ranking": "M140"}
