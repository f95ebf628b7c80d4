"""Each product synthesises where it has one region; what a developer makes may be thrown away, nothing else may."""

from pathlib import Path
from typing import Any

import pytest

import topology_document
from failover.topology import Names
from stacks.product import compose_there
from tests.infrastructure.areas import application
from tests.infrastructure.assembly import ROOT
from tests.infrastructure.templates import of_type, properties
from topology_document.infrastructure.environment import Environment

PRODUCTS = sorted(each.stem for each in (ROOT / "topologies").glob("*.yaml"))
ALONE = (Environment.STAGING, Environment.DEVELOPMENT)


@pytest.fixture(autouse=True)
def _without_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def templates(product: str, environment: Environment) -> dict[str, dict[str, Any]]:
    app = application()
    file = Path(ROOT / "topologies" / f"{product}.yaml")
    compose_there(app, *topology_document.load_whole(file, environment))
    return {stack.stack_name: stack.template for stack in app.synth().stacks}


@pytest.mark.parametrize("environment", ALONE)
@pytest.mark.parametrize("product", PRODUCTS)
def test_a_product_synthesises_with_one_region(product: str, environment: Environment) -> None:
    made = templates(product, environment)
    assert [name for name in made if "-regional-" in name]
    assert all(f"-{environment}-" in name for name in made)


@pytest.mark.slow
@pytest.mark.parametrize("product", PRODUCTS)
def test_a_product_synthesises_in_production_without_credentials(product: str) -> None:
    made = templates(product, Environment.PRODUCTION)
    topology = topology_document.load(ROOT / "topologies" / f"{product}.yaml")
    for region in topology.aws_regions:
        assert [name for name in made if "-regional-" in name and name.endswith(region)]


def test_each_environment_of_a_city_has_stacks_and_networks_of_its_own() -> None:
    staged, developed = (templates("metro", environment) for environment in ALONE)
    topology = topology_document.load(ROOT / "topologies" / "metro.yaml")
    production = {Names(topology).stack("regional", region) for region in topology.aws_regions}
    networks = {
        name: of_type(template, "AWS::EC2::VPC")
        for name, template in (staged | developed).items()
        if "-regional-" in name
    }
    assert not staged.keys() & developed.keys()
    assert len(networks) == 2
    assert not networks.keys() & production
    assert all(len(each) == 1 for each in networks.values())


def test_what_staging_keeps_is_protected_and_what_a_developer_makes_is_not() -> None:
    kept, thrown = (
        next(each for name, each in templates("quickstart", environment).items() if "-regional-" in name)
        for environment in ALONE
    )
    (staged,), (developed,) = (of_type(each, "AWS::RDS::DBInstance").values() for each in (kept, thrown))
    assert (staged["DeletionPolicy"], developed["DeletionPolicy"]) == ("RetainExceptOnCreate", "Delete")
    assert (staged["Properties"]["DeletionProtection"], developed["Properties"]["DeletionProtection"]) == (True, False)
    assert (staged["Properties"]["MultiAZ"], developed["Properties"]["MultiAZ"]) == (True, False)
    assert [each["NumCacheClusters"] for each in properties(thrown, "AWS::ElastiCache::ReplicationGroup")] == [1]
    assert {each.get("DeletionPolicy", "Delete") for each in thrown["Resources"].values()} == {"Delete"}


def test_a_product_without_edge_nodes_has_no_stack_at_the_edge() -> None:
    assert templates("quickstart", Environment.EDGE) == {}
