"""Promises on the services of a cluster: how many, where, how busy, and how they end."""

from typing import Any

import pytest

from manifests import as_yaml
from stacks.constructs.compute import SPOT
from tests.manifests.judged import ASKED, SERVICES, of_region, the
from tests.products import EU, US, quickstart
from topology_document.infrastructure.compute import ServiceSection

MADE = of_region()


def pod(name: str) -> dict[str, Any]:
    told: dict[str, Any] = the(MADE, "Deployment", name)["spec"]["template"]["spec"]
    return told


@pytest.mark.parametrize("name", ["api", "ranking", "entrance"])
def test_who_users_need_has_three_pods_or_more_and_may_miss_one(name: str) -> None:
    assert the(MADE, "HorizontalPodAutoscaler", name)["spec"]["minReplicas"] >= 3
    assert the(MADE, "PodDisruptionBudget", name)["spec"]["maxUnavailable"] == 1


@pytest.mark.parametrize("name", [*SERVICES, "entrance", "cluster-autoscaler"])
def test_pods_are_spread_over_the_zones_and_a_lost_zone_counts_no_more(name: str) -> None:
    zones, nodes = pod(name)["topologySpreadConstraints"]
    assert (zones["topologyKey"], zones["maxSkew"]) == ("topology.kubernetes.io/zone", 1)
    assert (zones["whenUnsatisfiable"], zones["nodeTaintsPolicy"]) == ("DoNotSchedule", "Honor")
    assert zones["labelSelector"] == the(MADE, "Deployment", name)["spec"]["selector"]
    assert nodes["whenUnsatisfiable"] == "ScheduleAnyway"


def test_the_documents_numbers_arrive_at_the_autoscaler_of_pods() -> None:
    spec = the(MADE, "HorizontalPodAutoscaler", "thumbnails")["spec"]
    (metric,) = spec["metrics"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (1, 40)
    assert metric["resource"]["target"]["averageUtilization"] == 55


def test_a_deployment_says_no_number_of_pods() -> None:
    """Applying the manifests again must not undo what the autoscaler has decided."""
    assert "replicas" not in the(MADE, "Deployment", "api")["spec"]


def test_critical_services_stand_on_nodes_that_stay() -> None:
    assert pod("api")["nodeSelector"] == {"eks.amazonaws.com/capacityType": "ON_DEMAND"}
    assert "tolerations" not in pod("api")


def test_who_copes_with_spot_tolerates_the_taint_that_the_node_group_has() -> None:
    for name in ("ranking", "thumbnails"):
        (toleration,) = pod(name)["tolerations"]
        assert (toleration["key"], toleration["value"], toleration["effect"]) == ("capacity", SPOT, "NoSchedule")
    assert pod("thumbnails")["nodeSelector"] == {"eks.amazonaws.com/capacityType": "SPOT"}
    assert "nodeSelector" not in pod("ranking")


def test_a_pod_answers_on_while_the_load_balancer_lets_go_of_it() -> None:
    (container,) = pod("api")["containers"]
    assert container["lifecycle"]["preStop"]["sleep"]["seconds"] > 10
    assert pod("api")["terminationGracePeriodSeconds"] > container["lifecycle"]["preStop"]["sleep"]["seconds"]


def test_no_pod_is_more_than_a_process() -> None:
    for name in (*SERVICES, "entrance", "cluster-autoscaler"):
        (container,) = pod(name)["containers"]
        assert pod(name)["securityContext"]["runAsNonRoot"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["securityContext"]["readOnlyRootFilesystem"] is True


def test_an_image_is_the_regions_own_unless_it_names_a_registry() -> None:
    images = {name: pod(name)["containers"][0]["image"] for name in SERVICES}
    assert images["api"] == f"111122223333.dkr.ecr.{EU}.amazonaws.com/shop/api:1.0.0"
    assert images["ranking"] == "ghcr.io/shop/ranking:2.1.0"


def test_nodes_that_stay_idle_go_after_the_documents_time() -> None:
    (container,) = pod("cluster-autoscaler")["containers"]
    assert "--scale-down-unneeded-time=420s" in container["command"]
    assert "--scale-down-delay-after-add=420s" in container["command"]


def test_a_service_is_only_where_its_document_says() -> None:
    services = {"mailer": ServiceSection(image="shop/mailer:1.0.0", regions=[US])}
    asked = ASKED.model_copy(update={"services": services})
    assert "mailer" in as_yaml(of_region(asked, US))
    assert "mailer" not in as_yaml(of_region(asked, EU))


def test_without_nodes_and_services_there_is_nothing_to_apply() -> None:
    assert of_region(type(ASKED)()) == []


def test_the_manifests_of_two_runs_are_equal() -> None:
    assert as_yaml(of_region()) == as_yaml(of_region())
    assert quickstart().name in as_yaml(of_region())
