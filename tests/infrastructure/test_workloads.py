"""Promises on what runs in a region's cluster: each service's rights, the controllers' rights, add-ons, images."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from stacks.workload_stack import workload_stacks
from tests.infrastructure.templates import listed, of_type, properties, statements, uses_of_key
from tests.products import EU, US, quickstart
from topology_document import Infrastructure
from topology_document.infrastructure.compute import ComputeSection, Objects, ServiceSection
from topology_document.infrastructure.models import ModelSection
from topology_document.infrastructure.objects import BucketSection
from topology_document.infrastructure.tables import TableSection

SERVICES = {
    "api": ServiceSection(
        image="shop/api:1.0.0",
        databases=["orders"],
        objects=Objects.WRITE,
        tables=["sessions", "elsewhere"],
        buckets=["media"],
        models=["ranking"],
    ),
    "thumbnails": ServiceSection(image="shop/thumbnails:1.0.0", objects=Objects.READ),
    "mailer": ServiceSection(image="ghcr.io/shop/mailer:1.0.0", regions=[US]),
}
READER = ServiceSection(image="shop/api:1.0.0", models=["ranking"])
ASKED = Infrastructure(
    compute=ComputeSection(),
    services=SERVICES,
    tables={
        "sessions": TableSection(replicas=[EU], partition_key="user"),
        "elsewhere": TableSection(partition_key="user"),
    },
    buckets={"media": BucketSection()},
    models={"ranking": ModelSection(order=[US, EU])},
)
ACCOUNT = "111122223333"


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return built(ASKED, EU)


def built(asked: Infrastructure, region: str) -> dict[str, Any]:
    (stack,) = [each for each in workload_stacks(cdk.App(), quickstart(), asked) if each.region_name == region]
    return dict(Template.from_stack(stack).to_json())


def role_of(template: dict[str, Any], account: str) -> str:
    (role,) = {
        each["RoleArn"]["Fn::GetAtt"][0]
        for each in properties(template, "AWS::EKS::PodIdentityAssociation")
        if each["ServiceAccount"] == account
    }
    return str(role)


def rights(template: dict[str, Any], account: str) -> dict[str, set[str]]:
    """What the pods of a service account may do: action to resources."""
    role = role_of(template, account)
    found: dict[str, set[str]] = {}
    for owner, statement in statements(template):
        if owner == role:
            for action in listed(statement["Action"]):
                found.setdefault(action, set()).update(listed(statement["Resource"]))
    return found


def test_each_service_has_a_role_of_its_own(template: dict[str, Any]) -> None:
    bound = [
        (each["Namespace"], each["ServiceAccount"], json.dumps(each["RoleArn"]))
        for each in properties(template, "AWS::EKS::PodIdentityAssociation")
    ]
    assert {account for namespace, account, _ in bound if namespace == "quickstart"} == {"api", "thumbnails"}
    assert len({role for _, _, role in bound}) == len(bound)


def test_a_role_is_taken_by_pods_of_this_cluster_alone(template: dict[str, Any]) -> None:
    for role in properties(template, "AWS::IAM::Role"):
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": "pods.eks.amazonaws.com"}
        assert set(statement["Action"]) == {"sts:AssumeRole", "sts:TagSession"}
        cluster = f"arn:aws:eks:{EU}:{ACCOUNT}:cluster/lifeboat-quickstart"
        assert statement["Condition"]["ArnEquals"] == {"aws:SourceArn": cluster}


def test_a_service_writes_under_its_own_name_and_what_its_document_names(template: dict[str, Any]) -> None:
    own = f"arn:aws:s3:::lifeboat-quickstart-{ACCOUNT}-{EU}/api/*"
    media = f"arn:aws:s3:::quickstart-media-{ACCOUNT}-{EU}/*"
    models = f"arn:aws:s3:::quickstart-models-{ACCOUNT}-{EU}/ranking/*"
    api = rights(template, "api")
    assert api["s3:PutObject"] == {own, media}
    assert api["s3:GetObject"] == {own, media, models}
    assert api["dynamodb:PutItem"] == {f"arn:aws:dynamodb:{EU}:{ACCOUNT}:table/quickstart-sessions"}


def test_data_of_another_region_is_in_nobodys_reach(template: dict[str, Any]) -> None:
    assert "elsewhere" not in json.dumps(properties(template, "AWS::IAM::Policy"))
    assert "elsewhere" in json.dumps(properties(built(ASKED, US), "AWS::IAM::Policy"))


def test_who_reads_does_not_write(template: dict[str, Any]) -> None:
    assert "s3:GetObject" in rights(template, "thumbnails")
    assert not {"s3:PutObject", "s3:DeleteObject", "kms:GenerateDataKey"} & rights(template, "thumbnails").keys()


def test_a_tables_key_is_used_by_whoever_uses_the_table(template: dict[str, Any]) -> None:
    writes = {"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"}
    assert uses_of_key(template, role_of(template, "api"), "dynamodb") == {EU: writes}
    assert uses_of_key(template, role_of(template, "thumbnails"), "dynamodb") == {}
    reader = Infrastructure(compute=ComputeSection(), services={"api": READER}, models=ASKED.models)
    read = built(reader, EU)
    assert uses_of_key(read, role_of(read, "api"), "dynamodb") == {EU: {"kms:Decrypt", "kms:DescribeKey"}}


def test_passwords_are_read_by_one_controller_and_none_is_the_owners(template: dict[str, Any]) -> None:
    (secrets,) = [
        rights(template, account)["secretsmanager:GetSecretValue"]
        for account in ("external-secrets", "api", "thumbnails")
        if "secretsmanager:GetSecretValue" in rights(template, account)
    ]
    place = f"arn:aws:secretsmanager:{EU}:{ACCOUNT}:secret:lifeboat/quickstart/orders"
    assert secrets == {f"{place}/app_rw-??????", f"{place}/app_ro-??????"}


def test_the_autoscaler_changes_this_clusters_groups_alone(template: dict[str, Any]) -> None:
    autoscaler = rights(template, "cluster-autoscaler")
    group = f"arn:aws:autoscaling:{EU}:{ACCOUNT}:autoScalingGroup:*:autoScalingGroupName/eks-lifeboat-quickstart-*"
    assert autoscaler["autoscaling:SetDesiredCapacity"] == {group}


def test_the_load_balancer_controller_registers_pods_and_makes_no_load_balancer(template: dict[str, Any]) -> None:
    controller = rights(template, "aws-load-balancer-controller")
    changes = {each for each in controller if ":Describe" not in each}
    assert changes == {"elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"}


def test_a_wildcard_is_for_reading_or_for_what_knows_no_resource(template: dict[str, Any]) -> None:
    unbounded = {
        action
        for policy in properties(template, "AWS::IAM::Policy")
        for statement in policy["PolicyDocument"]["Statement"]
        if "*" in listed(statement["Resource"])
        for action in listed(statement["Action"])
    }
    changing = {each for each in unbounded if not each.split(":")[1].startswith(("Describe", "Get"))}
    assert changing == {"cloudwatch:PutMetricData"}


def test_network_policies_are_kept_and_pods_can_be_counted(template: dict[str, Any]) -> None:
    addons = {each["AddonName"]: each for each in properties(template, "AWS::EKS::Addon")}
    assert {"coredns", "kube-proxy", "eks-pod-identity-agent", "metrics-server", "aws-ebs-csi-driver"} <= addons.keys()
    assert json.loads(addons["vpc-cni"]["ConfigurationValues"]) == {"enableNetworkPolicy": "true"}


def test_images_without_a_registry_are_the_regions_own(template: dict[str, Any]) -> None:
    repositories = properties(template, "AWS::ECR::Repository")
    assert {each["RepositoryName"] for each in repositories} == {"shop/api", "shop/thumbnails"}
    for each in repositories:
        assert each["ImageTagMutability"] == "IMMUTABLE"
        assert each["ImageScanningConfiguration"] == {"ScanOnPush": True}
        assert each["EncryptionConfiguration"]["EncryptionType"] == "KMS"
    assert {each["DeletionPolicy"] for each in of_type(template, "AWS::ECR::Repository").values()} == {
        "RetainExceptOnCreate"
    }


def test_a_service_has_rights_only_where_it_runs() -> None:
    accounts = {
        region: {
            each["ServiceAccount"] for each in properties(built(ASKED, region), "AWS::EKS::PodIdentityAssociation")
        }
        for region in (US, EU)
    }
    assert "mailer" in accounts[US]
    assert "mailer" not in accounts[EU]


def test_without_nodes_and_services_there_is_no_stack() -> None:
    assert list(workload_stacks(cdk.App(), quickstart(), Infrastructure())) == []
