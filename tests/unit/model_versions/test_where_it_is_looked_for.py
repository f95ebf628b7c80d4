"""What is told of models is what routing and alarms look for: one name, one namespace, one set of dimensions."""

from pathlib import Path

import pytest

import topology_document
from failover.adapters.aws import models
from failover.model_versions.places import models_bucket
from failover.topology import Names
from stacks.constructs import observed
from stacks.constructs.application_metrics import published
from stacks.constructs.data_names import MODELS, DataNames

TOPOLOGIES = Path(__file__).parents[3] / "topologies"


@pytest.mark.parametrize("product", ["triage", "metro"])
def test_the_document_watches_the_health_that_is_told(product: str) -> None:
    topology, infrastructure = topology_document.load_whole(TOPOLOGIES / f"{product}.yaml")
    assert infrastructure.observability
    section = infrastructure.observability.metrics[models.HEALTH]
    assert set(section.below) == {region for model in infrastructure.models.values() for region in model.order}
    metric = published(Names(topology), models.HEALTH, section, "eu-west-1", "candidate")
    assert metric.namespace == observed.metrics_namespace(Names(topology)) == topology.name
    assert metric.dimensions == {"Region": "eu-west-1", "Variant": "candidate"}


def test_triage_steers_its_users_by_it_in_every_zone() -> None:
    topology, infrastructure = topology_document.load_whole(TOPOLOGIES / "triage.yaml")
    weights = {name: each.weights for name, each in infrastructure.steering.items() if each.weights}
    assert set(weights) >= {"us", "eu", "apac"}
    assert {each.model_health for each in weights.values()} == {models.HEALTH}
    assert {each.namespace for each in weights.values()} == {topology.name}


def test_functions_and_stacks_mean_the_same_bucket() -> None:
    topology = topology_document.load(TOPOLOGIES / "triage.yaml")
    for region in topology.region_names:
        assert DataNames(Names(topology)).bucket(MODELS, region) == models_bucket(topology, region)
