"""The functions of a control region that decide and act, each with the rights of its own step."""

from typing import Final

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from failover import environments as told
from failover.environment import Environment
from failover.topology import LONGEST_WAIT_SECONDS, Names, budgets
from stacks.constructs.database_access import DatabaseAccess
from stacks.constructs.quorum_table import QuorumAccess
from stacks.constructs.regional_access import RegionalAccess
from stacks.constructs.rejoin_access import grant_rejoin
from stacks.constructs.site_door import SiteAccess
from stacks.constructs.step_function import StepFunction

STORE_STEPS: Final[tuple[type[told.StoreEnvironment], ...]] = (
    told.OpenIncidentEnvironment,
    told.AwaitApprovalEnvironment,
    told.AskVetoEnvironment,
    told.CheckReadinessEnvironment,
    told.PrepareCapacityEnvironment,
    told.ShiftTrafficEnvironment,
    told.RevokeLeaseEnvironment,
    told.FenceSourceEnvironment,
    told.AwaitLeaseEnvironment,
    told.ChooseTargetEnvironment,
    told.PromoteDatabaseEnvironment,
    told.AdmitWriterEnvironment,
    told.PromoteCacheEnvironment,
    told.VerifyTargetEnvironment,
    told.VerifyTrafficEnvironment,
    told.CloseIncidentEnvironment,
    told.ArchiveTailEnvironment,
    told.RejoinDatabaseEnvironment,
    told.AwaitReplicaEnvironment,
    told.ReturnTrafficEnvironment,
    told.WeighFailureEnvironment,
    told.RegrantLeaseEnvironment,
    told.ClearEvacuationEnvironment,
)
PAGING_STEPS: Final[tuple[type[told.PagingEnvironment], ...]] = (
    told.CheckReplicationEnvironment,
    told.TellTroubleEnvironment,
    told.AnnounceOutcomeEnvironment,
    told.HoldForOperatorEnvironment,
)
ASK_AGENTS: Final = (
    "OpenIncident",
    "CheckReadiness",
    "FenceSource",
    "ChooseTarget",
    "PromoteDatabase",
    "AdmitWriter",
    "VerifyTarget",
    "RegrantLease",
    "ArchiveTail",
    "RejoinDatabase",
    "AwaitReplica",
    "ReturnTraffic",
)
REJOIN: Final = ("RejoinDatabase", "AwaitReplica")
"""The second asks again for what has failed after the first was answered."""

WITHDRAW: Final = ("CloseIncident", "ClearEvacuation")
"""A consent is for one loss, and ends with its incident."""

PAGE: Final = ("CheckReplication", "TellTrouble", "AnnounceOutcome", "HoldForOperator")

MACHINES: Final = ("failover", "database_failover", "switchover", "failback", "rollback")
"""Each may have to be started again for an incident whose executor died."""

ARCHIVE_SECONDS: Final = 115
"""A run goes on with the next part of a tail for 60 s, and a part has 40 s."""

DECIDE_SECONDS: Final = 30
"""Copies and nodes are asked meanwhile, of which each may hang for a few seconds."""

DECIDE_CONCURRENCY: Final = 5
"""Kept for deciding, whatever else runs in the account; events come in bursts when a region dies."""


class Executors(Construct):
    """``steps`` by construct id, and ``decide``, which starts the machine that invokes them."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        region: str,
        code: lambda_.Code,
        failures: sqs.IQueue,
        pages: sns.ITopic,
    ) -> None:
        super().__init__(scope, id)
        self._names, self._code, self._failures, self._region = names, code, failures, region
        table, replicas = names.quorum_table, names.topology.quorum.replicas
        # The topic by its computed name: an environment says the same in every region but for the region.
        topic = names.pages_topic_arn(region)
        acting = [
            *(self._step(kind(quorum_table=table, quorum_regions=replicas)) for kind in STORE_STEPS),
            *(
                self._step(kind(quorum_table=table, quorum_regions=replicas, pages_topic_arn=topic))
                for kind in PAGING_STEPS
            ),
        ]
        self.steps = {step.node.id: step for step in acting}
        self.decide = self._step(
            told.DecideFailoverEnvironment(
                quorum_table=table,
                quorum_regions=replicas,
                pages_topic_arn=topic,
            ),
            concurrency=DECIDE_CONCURRENCY,
        )
        machines = [names.machine_arn(machine, region) for machine in MACHINES]
        self.decide.add_to_role_policy(iam.PolicyStatement(actions=["states:StartExecution"], resources=machines))
        self._grant(pages)

    def _step(self, environment: Environment, *, concurrency: int | None = None) -> StepFunction:
        return StepFunction(
            self,
            type(environment).__name__.removesuffix("Environment"),
            names=self._names,
            code=self._code,
            environment=environment,
            failures=self._failures,
            timeout_seconds=self._timeout(environment),
            reserved_concurrency=concurrency,
        )

    def _timeout(self, environment: Environment) -> float:
        """Return how long a step's function may live, in seconds: no longer than the state that waits for it.

        Of two tries of one state the first is over, then, before the second begins.
        """
        budget = budgets(self._names.topology)
        match environment:
            case told.DecideFailoverEnvironment():
                return DECIDE_SECONDS
            case told.ArchiveTailEnvironment():
                return ARCHIVE_SECONDS
            case told.AwaitLeaseEnvironment():
                return LONGEST_WAIT_SECONDS
            case told.AskVetoEnvironment():
                return budget["veto_seconds"]
            case told.PromoteDatabaseEnvironment() | told.PromoteCacheEnvironment():
                return budget["promote_seconds"]
            case told.RejoinDatabaseEnvironment() | told.AwaitReplicaEnvironment():
                return budget["promote_seconds"]
        return budget["step_seconds"]

    def _grant(self, pages: sns.ITopic) -> None:
        store, databases = QuorumAccess(self._names), DatabaseAccess(self._names)
        sites = SiteAccess(self._names, self._region)
        for function in [*self.steps.values(), self.decide]:
            store.grant_read_write(function)
        for name in WITHDRAW:
            store.grant_withdraw(self.steps[name])
        for function in [self.decide, *(self.steps[name] for name in ASK_AGENTS)]:
            databases.grant_ask_agents(function)
            sites.grant_ask(function)
        databases.grant_describe(self.steps["PromoteDatabase"])
        databases.grant_promote(self.steps["PromoteDatabase"])
        for name in REJOIN:
            grant_rejoin(self.steps[name], self._names)
        services = RegionalAccess(self._names)
        services.grant_scale(self.steps["PrepareCapacity"])
        services.grant_describe_nodes(self.decide)
        services.grant_promote_caches(self.steps["PromoteCache"])
        services.grant_read_replication(self.steps["CheckReplication"])
        _grant_veto(self.steps["AskVeto"], self._names, self._region)
        for function in (self.decide, *(self.steps[name] for name in PAGE)):
            pages.grant_publish(function)


def _grant_veto(ask: StepFunction, names: Names, region: str) -> None:
    """Allow the question that the topology's veto hook is asked by, and no other."""
    veto = names.topology.policy.veto
    if veto is None:
        return
    if veto.function_arn is not None:
        statement = iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[veto.function_arn])
    else:
        bus = f"arn:aws:events:{region}:{names.topology.account}:event-bus/{veto.event_bus}"
        statement = iam.PolicyStatement(actions=["events:PutEvents"], resources=[bus])
    ask.add_to_role_policy(statement)
