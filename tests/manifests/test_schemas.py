"""Every manifest that is generated is one, by the schemas of those who read it."""

import copy
from pathlib import Path

import pytest

from manifests import Cluster, Manifest, edge_manifests_of, manifests_of
from tests.manifests.judged import ASKED, ROOT, mistakes, of_region, the
from tests.products import quickstart
from topology_document import load_whole

DOCUMENTS = sorted((ROOT / "topologies").glob("*.yaml"))


def test_a_regions_manifests_are_valid() -> None:
    assert mistakes(of_region()) == {}


def test_an_edge_nodes_manifests_are_valid() -> None:
    assert mistakes(list(edge_manifests_of(quickstart(), ASKED, "bremen"))) == {}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_the_manifests_of_every_product_are_valid(document: Path) -> None:
    topology, infrastructure = load_whole(document)
    made: list[Manifest] = []
    for region in topology.aws_regions:
        made += manifests_of(Cluster(topology, infrastructure, region))
    for city in infrastructure.edge.cities if infrastructure.edge else ():
        made += edge_manifests_of(topology, infrastructure, city)
    assert mistakes(made) == {}


def broken(kind: str, name: str, *path: str, value: object) -> list[Manifest]:
    made = copy.deepcopy(the(of_region(), kind, name))
    inner = made
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return [made]


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("Deployment", ("spec", "template", "spec", "terminationGracePeriodSecond"), 30),
        ("PodDisruptionBudget", ("spec", "maxUnavailable"), 0.5),
        ("DestinationRule", ("spec", "trafficPolicy", "outlierDetection", "interval"), 10),
        ("DestinationRule", ("spec", "trafficPolicy", "outlierDetection", "consecutiveErrors5xx"), 5),
        ("Deployment", ("extra",), {}),
        ("HorizontalPodAutoscaler", ("spec", "maxReplicas"), "many"),
    ],
    ids=str,
)
def test_a_mistake_is_found(kind: str, path: tuple[str, ...], value: object) -> None:
    assert mistakes(broken(kind, "api", *path, value=value)) != {}


def test_a_kind_that_nobody_knows_is_found() -> None:
    assert mistakes([{"apiVersion": "apps/v1", "kind": "Deployments", "metadata": {"name": "x"}}]) != {}
