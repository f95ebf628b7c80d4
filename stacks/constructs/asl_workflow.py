"""A state machine from its ASL file, deployed as it is written."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct

from failover.topology import Names
from stacks.acceptance import LOG_KEY_RULES, LOG_WITHOUT_KEY, POLICY_OF_ONE_ROLE, WILDCARDS_ARE_JUDGED, accept
from stacks.constructs.step_function import StepFunction
from stacks.errors import CompositionError

_SUBSTITUTION: Final = re.compile(r"\$\{(\w+?)Arn\}")


class AslWorkflow(Construct):
    """One machine; ``${PromoteDatabaseArn}`` in its file is the function with that construct id.

    The definition stays in the template, where tests and linters see it, and the role may invoke the
    functions that the file names and no other.
    """

    def __init__(
        self, scope: Construct, id: str, *, names: Names, definition: Path, steps: Iterable[StepFunction]
    ) -> None:
        super().__init__(scope, id)
        machine = definition.name.removesuffix(".asl.json")
        text = definition.read_text()
        used = _used(definition, text, {step.state: step for step in steps})
        log = logs.LogGroup(
            self,
            "Log",
            # This prefix keeps the log service's own resource policy under its size limit.
            log_group_name=f"/aws/vendedlogs/states/{names.machine(machine)}",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self.machine = stepfunctions.StateMachine(
            self,
            "Machine",
            state_machine_name=names.machine(machine),
            definition_body=stepfunctions.DefinitionBody.from_string(text),
            definition_substitutions={f"{step}Arn": used[step].function_arn for step in used},
            logs=stepfunctions.LogOptions(
                destination=log, level=stepfunctions.LogLevel.ALL, include_execution_data=True
            ),
            tracing_enabled=True,
        )
        for step in used.values():
            step.grant_invoke(self.machine)
        accept(log, LOG_WITHOUT_KEY, *LOG_KEY_RULES)
        accept(self.machine, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
        accept(self.machine, WILDCARDS_ARE_JUDGED, "AwsSolutions-IAM5")


def _used(definition: Path, text: str, steps: Mapping[str, StepFunction]) -> dict[str, StepFunction]:
    wanted = sorted(set(_SUBSTITUTION.findall(text)))
    if unknown := [step for step in wanted if step not in steps]:
        raise CompositionError(
            f"{definition.name}: ${{{unknown[0]}Arn}} is no function of this stack; "
            f"it has {', '.join(sorted(steps))}. Correct the name, or add the step to the control stack"
        )
    return {step: steps[step] for step in wanted}
