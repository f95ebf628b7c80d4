"""What kills pods on purpose may do so in the product's own namespace, and only where the document asks for it."""

import topology_document
from failover.topology import Names
from manifests import Cluster, manifests_of
from stacks.constructs.experiment_words import FIS_PODS
from tests.manifests.judged import ROOT


def test_the_experiments_right_is_the_namespaces_and_its_users_are_who_the_stack_says() -> None:
    topology, infrastructure = topology_document.load_whole(ROOT / "topologies" / "reviews.yaml")
    made = list(manifests_of(Cluster(topology, infrastructure, "eu-west-1")))
    (bound,) = [each for each in made if each["kind"] == "RoleBinding" and each["metadata"]["name"] == FIS_PODS]
    assert bound["metadata"]["namespace"] == Names(topology).topology.name
    assert {each["name"] for each in bound["subjects"]} == {FIS_PODS}
    assert not [each for each in made if each["kind"] == "ClusterRoleBinding" and FIS_PODS in str(each)]


def test_without_experiments_nobody_has_it() -> None:
    topology, infrastructure = topology_document.load_whole(ROOT / "topologies" / "reviews.yaml")
    quiet = infrastructure.model_copy(update={"experiments": None})
    assert FIS_PODS not in str(list(manifests_of(Cluster(topology, quiet, "eu-west-1"))))
