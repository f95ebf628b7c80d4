"""EKS's access entries, add-ons and pod identities, as MiniStack's EKS API keeps them."""

import json
from typing import Any

from ministack.services import ec2, eks
from ministack.services.cloudformation import provisioners

from twin.aws.cloudformation.resource import Made, Properties, ResourceType, accepted


def types() -> list[ResourceType]:
    """Return the types of this module."""
    entries = ResourceType(
        "AWS::EKS::AccessEntry",
        _access_entry,
        lambda entry, _: _deleted(eks._delete_access_entry(*reversed(entry.split("|")))),
        lambda entry, _: (entry, {"AccessEntryArn": eks._access_entry_arn(*reversed(entry.split("|")))}),
        frozenset({"ClusterName", "PrincipalArn", "Type"}),
    )
    addons = ResourceType(
        "AWS::EKS::Addon",
        _addon,
        lambda addon, _: _deleted(eks._delete_addon(*addon.split("|"))),
        lambda addon, _: (addon, {"Arn": eks._addon_arn(*addon.split("|"))}),
        frozenset({"ClusterName", "AddonName", "AddonVersion", "ConfigurationValues"}),
    )
    identities = ResourceType(
        "AWS::EKS::PodIdentityAssociation",
        _identity,
        lambda arn, properties: _deleted(
            eks._delete_pod_identity_association(properties["ClusterName"], arn.rpartition("/")[2])
        ),
        lambda arn, _: (arn, {"AssociationArn": arn, "AssociationId": arn.rpartition("/")[2]}),
        frozenset({"ClusterName", "Namespace", "ServiceAccount", "RoleArn"}),
    )
    return [entries, addons, identities]


def with_security_group(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the handlers of AWS::EKS::Cluster with the security group that EKS makes for a cluster.

    MiniStack gives the group's id and no group, so that no rule can be put into it.
    """

    def create(logical_id: str, properties: Properties, stack: str) -> Made:
        name, attributes = entry["create"](logical_id, properties, stack)
        network = eks._clusters[name]["resourcesVpcConfig"]
        subnets = network.get("subnetIds") or []
        group = {
            "GroupName": f"eks-cluster-sg-{name}",
            "GroupDescription": "EKS created security group applied to ENI that is attached to EKS nodes",
        }
        if subnets and subnets[0] in ec2._subnets:
            group["VpcId"] = ec2._subnets[subnets[0]]["VpcId"]
        network["clusterSecurityGroupId"], _ = provisioners._ec2_sg_create(logical_id, group, stack)
        return name, {**attributes, "ClusterSecurityGroupId": network["clusterSecurityGroupId"]}

    def delete(name: str, properties: Properties) -> None:
        cluster = eks._clusters.get(name)
        entry["delete"](name, properties)
        if cluster is not None:
            ec2._security_groups.pop(cluster["resourcesVpcConfig"]["clusterSecurityGroupId"], None)

    return {**entry, "create": create, "delete": delete}


def _access_entry(_logical_id: str, properties: Properties, _stack: str) -> Made:
    cluster, principal = properties["ClusterName"], properties["PrincipalArn"]
    body = _camel(properties, "PrincipalArn", "Type", "Username", "KubernetesGroups")
    _asked("AWS::EKS::AccessEntry", eks._create_access_entry(cluster, body))
    return f"{principal}|{cluster}", {"AccessEntryArn": eks._access_entry_arn(cluster, principal)}


def _addon(_logical_id: str, properties: Properties, _stack: str) -> Made:
    cluster, addon = properties["ClusterName"], properties["AddonName"]
    body = _camel(properties, "AddonName", "AddonVersion", "ServiceAccountRoleArn", "ConfigurationValues")
    _asked("AWS::EKS::Addon", eks._create_addon(cluster, body))
    return f"{cluster}|{addon}", {"Arn": eks._addon_arn(cluster, addon)}


def _identity(_logical_id: str, properties: Properties, _stack: str) -> Made:
    body = _camel(properties, "Namespace", "ServiceAccount", "RoleArn", "TargetRoleArn", "DisableSessionTags")
    answer = eks._create_pod_identity_association(properties["ClusterName"], body)
    told = _asked("AWS::EKS::PodIdentityAssociation", answer)["association"]
    attributes = {"AssociationArn": told["associationArn"], "AssociationId": told["associationId"]}
    return told["associationArn"], attributes | {"ExternalId": told.get("externalId", "")}


def _camel(properties: Properties, *names: str) -> dict[str, Any]:
    return {f"{name[0].lower()}{name[1:]}": properties[name] for name in names if name in properties}


def _asked(kind: str, answer: Any) -> Any:
    return json.loads(accepted(kind, answer))


def _deleted(answer: Any) -> None:
    # What is gone already is as deleted as can be: a cluster takes these with it.
    if answer[0] != 404:
        accepted("AWS::EKS", answer)
