"""What each service of the product may do in AWS: a role of its own, with what its document names and no more."""

from constructs import Construct

from failover.model_versions.places import models_table
from failover.topology import Names
from stacks.constructs.data_key import READ_TABLES, WRITE_TABLES, data_key_use
from stacks.constructs.data_names import MODELS, DataNames
from stacks.constructs.observed import metrics_namespace
from stacks.constructs.pod_role import PodRole
from topology_document import Infrastructure
from topology_document.infrastructure.compute import Objects, ServiceSection
from topology_document.infrastructure.steering import SteeringSection
from topology_document.workloads import services_in

READ_ITEMS = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"]
WRITE_ITEMS = ["dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]


class ServiceIdentities(Construct):
    """One role for each service of a region, bound to the service account of the same name.

    Passwords are no service's to read: External Secrets reads them and writes them into the pod's own namespace.
    """

    def __init__(self, scope: Construct, id: str, *, names: Names, region: str, infrastructure: Infrastructure) -> None:
        super().__init__(scope, id)
        self._names, self._region, self._data = names, region, DataNames(names)
        namespaces = sorted({metrics_namespace(names), *_steered(infrastructure.steering)})
        for name, service in services_in(names.topology, infrastructure, region).items():
            role = PodRole(self, name, names=names, region=region)
            self._publishing(role, namespaces)
            self._stored(role, name, service)
            role.bind(names.topology.name, name)
            if infrastructure.rollout is not None:
                role.bind(names.green, name, id="Green")

    def _publishing(self, role: PodRole, namespaces: list[str]) -> None:
        """Let it publish figures, which know no resource: a condition bounds it. Traces go by the collectors."""
        condition: dict[str, dict[str, object]] = {"StringEquals": {"cloudwatch:namespace": namespaces}}
        role.allow(["cloudwatch:PutMetricData"], ["*"], condition)

    def _stored(self, role: PodRole, name: str, service: ServiceSection) -> None:
        buckets = [f"{self._data.bucket_arn(each, self._region)}/*" for each in service.buckets]
        readable, writable = list(buckets), list(buckets)
        own = f"arn:aws:s3:::{self._names.bucket(self._region)}/{name}/*"
        if service.objects is not Objects.NONE:
            readable.append(own)
        if service.objects is Objects.WRITE:
            writable.append(own)
        readable += [f"{self._data.bucket_arn(MODELS, self._region)}/{each}/*" for each in service.models]
        if readable:
            role.allow(["s3:GetObject"], readable)
            role.add_to_policy(data_key_use(self._names, self._region, ["kms:Decrypt"], "s3"))
        if writable:
            role.allow(["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"], writable)
            role.add_to_policy(data_key_use(self._names, self._region, ["kms:GenerateDataKey"], "s3"))
        if service.models:
            topology = self._names.topology
            place = f"arn:aws:dynamodb:{self._region}:{topology.account}:table"
            role.allow(["dynamodb:GetItem", "dynamodb:Query"], [f"{place}/{models_table(topology)}"])
        if tables := [self._data.table_arn(each, self._region) for each in service.tables]:
            role.allow([*READ_ITEMS, *WRITE_ITEMS], tables)
        if tables or service.models:
            used = WRITE_TABLES if tables else READ_TABLES
            role.add_to_policy(data_key_use(self._names, self._region, used, "dynamodb"))


def _steered(steering: dict[str, SteeringSection]) -> set[str]:
    return {each.weights.namespace for each in steering.values() if each.weights}
