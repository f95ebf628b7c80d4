"""The rights of a control region to the databases of the workload regions, all known by computed names."""

from aws_cdk import aws_iam as iam

from failover.topology import Engine, Names
from stacks.constructs.allowing import allow


class DatabaseAccess:
    """Rights to agents and copies, wherever the topology puts them."""

    def __init__(self, names: Names) -> None:
        topology = names.topology
        ours = set(topology.aws_regions)
        held = {region for database in topology.databases for region in database.regions if region in ours}
        self._agents = [names.function_arn("database_agent", region) for region in sorted(held)]
        self._copies = [
            names.db_instance_arn(database.name, region)
            for database in topology.databases
            for region in database.regions
            if database.engine is Engine.RDS_POSTGRES
        ]
        aurora = [each for each in topology.databases if each.engine is Engine.AURORA_POSTGRES]
        self._clusters = [names.db_cluster_arn(each.name, region) for each in aurora for region in each.regions]
        self._global = [names.global_database_arn(each.name) for each in aurora]

    def grant_ask_agents(self, grantee: iam.IGrantable) -> None:
        """Let a function invoke the agents beside the databases."""
        self._allow(grantee, ["lambda:InvokeFunction"], self._agents)

    def grant_describe(self, grantee: iam.IGrantable) -> None:
        """Let a function see the state of the copies."""
        self._allow(grantee, ["rds:DescribeDBInstances"], self._copies)
        self._allow(grantee, ["rds:DescribeDBClusters"], self._clusters)
        self._allow(grantee, ["rds:DescribeGlobalClusters"], self._global)

    def grant_promote(self, grantee: iam.IGrantable) -> None:
        """Let a function promote a copy. One function has this right."""
        self._allow(grantee, ["rds:PromoteReadReplica"], self._copies)
        # Both the global database and the clusters that change their parts in it.
        moves = ["rds:FailoverGlobalCluster", "rds:SwitchoverGlobalCluster"]
        self._allow(grantee, moves, [*self._global, *self._clusters])

    def _allow(self, grantee: iam.IGrantable, actions: list[str], resources: list[str]) -> None:
        if resources:
            allow(grantee, iam.PolicyStatement(actions=actions, resources=resources))
