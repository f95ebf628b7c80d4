"""What the function that rolls models out may do, in its own region and in those that it changes."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_iam as iam

from failover.model_versions import ModelPlan
from failover.model_versions.places import latest_key, models_bucket, models_table
from failover.topology import Names
from stacks.constructs.data_key import READ_TABLES, WRITE_TABLES, data_key_use
from stacks.constructs.quorum_table import QuorumAccess
from stacks.constructs.step_function import StepFunction


class ModelsAccess:
    """A region tells its own health; the region of publication reads versions, and writes every region's record."""

    def __init__(self, names: Names, region: str, plans: Mapping[str, ModelPlan]) -> None:
        self._names, self._region = names, region
        self._published = [plan for plan in plans.values() if plan.source == region]

    def grant(self, function: StepFunction) -> None:
        """Let the function do what a region of its kind does."""
        self._tell(function)
        # Every look of a step begins with the store; it reads whether an incident is open.
        QuorumAccess(self._names).grant_read(function)
        changed = sorted({region for plan in self._published for region in plan.order})
        self._use_record(function, self._region, READ_TABLES, "dynamodb:GetItem")
        for region in changed:
            self._use_record(function, region, WRITE_TABLES, "dynamodb:GetItem", "dynamodb:PutItem")
        if self._published:
            self._read_versions(function)

    def _use_record(self, function: StepFunction, region: str, used: Sequence[str], *actions: str) -> None:
        _allow(function, list(actions), [self._table(region)])
        function.add_to_role_policy(data_key_use(self._names, region, used, "dynamodb"))

    def _tell(self, function: StepFunction) -> None:
        # CloudWatch knows no resources for either: reading is all, and telling is bounded by the namespace.
        _allow(function, ["cloudwatch:GetMetricData"], ["*"])
        _allow(
            function,
            ["cloudwatch:PutMetricData"],
            ["*"],
            {"StringEquals": {"cloudwatch:namespace": self._names.topology.name}},
        )

    def _read_versions(self, function: StepFunction) -> None:
        topology = self._names.topology
        here = f"arn:aws:s3:::{models_bucket(topology, self._region)}"
        said = [key for plan in self._published for key in (latest_key(plan.name), f"{plan.name}/*/manifest.json")]
        _allow(function, ["s3:GetObject"], [f"{here}/{key}" for key in said])
        function.add_to_role_policy(data_key_use(self._names, self._region, ["kms:Decrypt"], "s3"))
        # Who may not list a bucket is told 403 of a key that is not there, and asking for a key has no prefix: without
        # this, what is not published yet would be taken for what may not be read.
        _allow(function, ["s3:ListBucket"], [here])
        for plan in self._published:
            elsewhere = [models_bucket(topology, region) for region in sorted({*plan.order} - {self._region})]
            if elsewhere:
                _allow(
                    function,
                    ["s3:ListBucket"],
                    [f"arn:aws:s3:::{bucket}" for bucket in elsewhere],
                    {"StringLike": {"s3:prefix": f"{plan.name}/*"}},
                )

    def _table(self, region: str) -> str:
        topology = self._names.topology
        return f"arn:aws:dynamodb:{region}:{topology.account}:table/{models_table(topology)}"


def _allow(
    function: StepFunction, actions: list[str], resources: list[str], conditions: dict[str, object] | None = None
) -> None:
    function.add_to_role_policy(iam.PolicyStatement(actions=actions, resources=resources, conditions=conditions))
