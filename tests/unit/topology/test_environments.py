"""One document, several environments: each is a document without mistakes, of one region where it says so."""

from pathlib import Path
from typing import Any

import pytest

import topology_document
from failover.topology import Automation, Topology
from topology_document import Infrastructure, TopologyError
from topology_document.infrastructure.environment import Environment
from topology_document.infrastructure.network import Nat

TOPOLOGIES = Path(__file__).parents[3] / "topologies"
PRODUCTS = sorted(each.stem for each in TOPOLOGIES.glob("*.yaml"))
MIRRORED = "reviews"
"""Its staging has all its regions; those of all others have one."""
ALONE = [
    (product, environment)
    for product in PRODUCTS
    for environment in (Environment.STAGING, Environment.DEVELOPMENT)
    if (product, environment) != (MIRRORED, Environment.STAGING)
]


def there(product: str, environment: Environment | None) -> tuple[Topology, Infrastructure]:
    return topology_document.load_whole(TOPOLOGIES / f"{product}.yaml", environment)


@pytest.mark.parametrize("product", PRODUCTS)
def test_production_is_what_the_document_says(product: str) -> None:
    assert there(product, Environment.PRODUCTION) == there(product, None)


@pytest.mark.parametrize(("product", "environment"), ALONE)
def test_an_environment_of_one_region_has_nothing_of_another(product: str, environment: Environment) -> None:
    whole, _ = there(product, None)
    topology, infrastructure = there(product, environment)
    (region,) = topology.regions
    gone = {*whole.region_names, *whole.control_regions} - {region.name}
    assert region.site is None
    assert topology.control_regions == (region.name,)
    assert all(database.regions == (region.name,) for database in topology.databases)
    said = topology_document.written(topology, infrastructure)
    places = {*topology.quorum.replicas, topology.quorum.witness}
    assert not [each for each in gone - places if f'"{each}"' in said]


@pytest.mark.parametrize("environment", [Environment.STAGING, Environment.DEVELOPMENT])
@pytest.mark.parametrize("product", PRODUCTS)
def test_no_name_of_an_environment_is_another_ones(product: str, environment: Environment) -> None:
    whole, _ = there(product, None)
    topology, _ = there(product, environment)
    assert topology.name == f"{product if product != 'aurora' else whole.name}-{environment}"
    assert topology.domain == f"{environment}.{whole.domain}"


@pytest.mark.parametrize(("product", "environment"), ALONE)
def test_where_nothing_can_move_the_control_plane_only_looks(product: str, environment: Environment) -> None:
    topology, _ = there(product, environment)
    assert topology.policy.automation is Automation.OBSERVE


@pytest.mark.parametrize("product", PRODUCTS)
def test_staging_has_the_sizes_of_production(product: str) -> None:
    whole, _ = there(product, None)
    topology, _ = there(product, Environment.STAGING)
    sizes = {each.name: (each.instance_class, each.storage_gib) for each in whole.databases}
    assert all(sizes[each.name] == (each.instance_class, each.storage_gib) for each in topology.databases)
    assert topology.regions[0].capacity == whole.primary.capacity


@pytest.mark.parametrize("product", PRODUCTS)
def test_development_has_one_way_out_and_one_node(product: str) -> None:
    topology, infrastructure = there(product, Environment.DEVELOPMENT)
    assert topology.regions[0].capacity.nodes == 1
    assert infrastructure.network is not None
    assert infrastructure.network.nat is Nat.ONE
    assert all(service.least_replicas == 1 for service in infrastructure.services.values())


SHOP = """
name: shop
account: "111122223333"
domain: shop.example
regions:
  us-east-1: {role: primary, cidr: 10.1.0.0/16}
  eu-west-1: {role: secondary, cidr: 10.2.0.0/16}
quorum_store: {replicas: [eu-central-1, eu-west-2, eu-west-3]}
databases: {orders: {engine: rds-postgres, replicas: [eu-west-1]}}
routes: {app: {policy: failover}}
failover: {automation: approve, observers: 1}
targets: {rto_seconds: 120, rpo_seconds: 60, detection_seconds: 15}
"""


def shop(tmp_path: Path, more: str, environment: Environment) -> tuple[Any, Any]:
    (tmp_path / "shop.yaml").write_text(SHOP + more)
    return topology_document.load_whole(tmp_path / "shop.yaml", environment)


def test_staging_traces_every_request_unless_the_document_says_how_many(tmp_path: Path) -> None:
    for said, wanted in {"": 100, ", sampling_percents: {staging: 25}": 25}.items():
        more = f"observability: {{tracing: {{sampling_percent: 10{said}}}}}"
        _, infrastructure = shop(tmp_path, more, Environment.STAGING)
        assert infrastructure.observability.tracing.sampling_percent == wanted
        _, infrastructure = shop(tmp_path, more, Environment.PRODUCTION)
        assert infrastructure.observability.tracing.sampling_percent == 10


def test_detectors_are_made_once_in_an_account(tmp_path: Path) -> None:
    _, infrastructure = shop(tmp_path, "security: {}", Environment.STAGING)
    assert "guardduty" in infrastructure.security.provided
    more = 'security: {}\nenvironments: {staging: {account: "444455556666", region: eu-west-1, domain: shop.test}}'
    topology, infrastructure = shop(tmp_path, more, Environment.STAGING)
    assert not infrastructure.security.provided
    assert (topology.account, topology.region_names, topology.domain) == ("444455556666", ("eu-west-1",), "shop.test")


def test_the_edge_is_a_part_of_production() -> None:
    whole, areas = there("metro", None)
    topology, infrastructure = there("metro", Environment.EDGE)
    assert topology == whole
    assert infrastructure == areas.model_copy(update={"environment": Environment.EDGE})


def test_a_name_that_is_too_long_with_its_environment_is_told_with_it(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(SHOP.replace("name: shop", "name: shop-of-very-many-things"))
    topology_document.load(tmp_path / "shop.yaml")
    with pytest.raises(TopologyError, match=r"shop\.yaml in development: name: got"):
        topology_document.load(tmp_path / "shop.yaml", Environment.DEVELOPMENT)
