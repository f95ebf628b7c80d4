"""What AWS Health says, as a control region hears it: of itself directly, of other regions through the relay."""

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from failover.environments import NoteAdvisoryEnvironment
from failover.topology import Names
from stacks.acceptance import accept
from stacks.constructs import durations
from stacks.constructs.health_events import trouble_in
from stacks.constructs.quorum_table import QuorumAccess
from stacks.constructs.step_function import StepFunction


class Advisories(Construct):
    """The function that keeps AWS Health's word, and the rule that starts it. It may start nothing itself."""

    def __init__(self, scope: Construct, id: str, *, names: Names, code: lambda_.Code, failures: sqs.IQueue) -> None:
        super().__init__(scope, id)
        note = StepFunction(
            self,
            "NoteAdvisory",
            names=names,
            code=code,
            environment=NoteAdvisoryEnvironment(
                quorum_table=names.quorum_table, quorum_regions=names.topology.quorum.replicas
            ),
            failures=failures,
        )
        store = QuorumAccess(names)
        store.grant_read_write(note)
        store.grant_withdraw(note)
        if not names.topology.aws_regions:
            return  # AWS Health knows nothing of sites
        events.Rule(
            self,
            "HealthEvent",
            description="AWS Health speaks of a region of the topology; advice, on which nothing acts alone.",
            event_pattern=trouble_in(names.topology.aws_regions),
            targets=[targets.LambdaFunction(note, retry_attempts=10, max_event_age=durations.hours(1))],
        )
        accept(self, "it is advice: nothing waits for it, and an hour old it is none", "Serverless-EventBusDLQ")
