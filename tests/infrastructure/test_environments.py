"""Each product synthesises in each environment; what a developer makes may be thrown away, nothing else may."""

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
    return templates_of(Path(ROOT / "topologies" / f"{product}.yaml"), environment)


def templates_of(file: Path, environment: Environment) -> dict[str, dict[str, Any]]:
    app = application()
    compose_there(app, *topology_document.load_whole(file, environment))
    return {stack.stack_name: stack.template for stack in app.synth().stacks}


@pytest.mark.parametrize("environment", ALONE)
@pytest.mark.parametrize("product", PRODUCTS)
def test_a_product_synthesises_beside_production(product: str, environment: Environment) -> None:
    made = templates(product, environment)
    topology = topology_document.load(ROOT / "topologies" / f"{product}.yaml", environment)
    names = Names(topology)
    assert {name for name in made if "-regional-" in name} == {
        names.stack("regional", each) for each in topology.aws_regions
    }
    assert all(f"-{environment}-" in name for name in made)
    assert not [each for each in made.values() if of_type(each, "AWS::ECR::Repository")], "production has its name"


def test_staging_of_all_regions_has_every_copy_that_production_has() -> None:
    made = templates("reviews", Environment.STAGING)
    names = Names(topology_document.load(ROOT / "topologies" / "reviews.yaml", Environment.STAGING))
    for region in ("us-east-1", "eu-west-1", "ap-southeast-1"):
        regional = made[names.stack("regional", region)]
        (cluster,) = properties(regional, "AWS::RDS::DBCluster")
        assert cluster["DBClusterIdentifier"] == f"reviews-staging-reviews-{region}"
        assert cluster["GlobalClusterIdentifier"]
        assert of_type(made[names.stack("control", region)], "AWS::StepFunctions::StateMachine")
        assert [each["FixedRate"] for each in _sampling(made, region)] == [1.0]
    (table,) = properties(made[names.stack("quorum", "eu-central-1")], "AWS::DynamoDB::GlobalTable")
    assert {each["Region"] for each in table["Replicas"]} == {"eu-central-1", "eu-west-2", "eu-west-3"}


def _sampling(made: dict[str, dict[str, Any]], region: str) -> list[dict[str, Any]]:
    here = [each for name, each in made.items() if name.endswith(region)]
    return [rule["SamplingRule"] for each in here for rule in properties(each, "AWS::XRay::SamplingRule")]


def test_staging_in_an_account_of_its_own_has_images_of_its_own(tmp_path: Path) -> None:
    text = (ROOT / "topologies" / "metro.yaml").read_text()
    (tmp_path / "metro.yaml").write_text(f'{text}\nenvironments: {{staging: {{account: "444455556666"}}}}\n')
    made = templates_of(tmp_path / "metro.yaml", Environment.STAGING)
    assert {name.split("-")[3] for name, each in made.items() if of_type(each, "AWS::ECR::Repository")} == {
        "edge",
        "workloads",
    }


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
