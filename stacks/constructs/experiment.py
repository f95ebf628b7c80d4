"""One experiment of AWS FIS, with a role that may do what its faults need and no more."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_fis as fis
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.acceptance import POLICY_OF_ONE_ROLE, WILDCARDS_ARE_JUDGED, accept
from stacks.constructs import constants
from stacks.constructs.experiment_words import LOOKS, TAG, Fault
from stacks.constructs.kept_log import KeptLog

LOG_DELIVERY = [
    "logs:CreateLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:PutResourcePolicy",
]


class Experiment(Construct):
    """A template that anybody with the right may start; any of the alarms ends what it does, at once."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        topology: str,
        description: str,
        faults: Mapping[str, Fault],
        stops: Sequence[cloudwatch.IAlarm],
        log: KeptLog,
    ) -> None:
        super().__init__(scope, id)
        self.role = iam.Role(self, "Role", assumed_by=constants.service("fis.amazonaws.com"))
        for fault in faults.values():
            if fault.may:
                self.role.add_to_policy(iam.PolicyStatement(actions=list(fault.may), resources=list(fault.on)))
        self.role.add_to_policy(iam.PolicyStatement(actions=LOOKS, resources=["*"]))
        self.role.add_to_policy(iam.PolicyStatement(actions=LOG_DELIVERY, resources=["*"]))
        accept(self.role, WILDCARDS_ARE_JUDGED, "AwsSolutions-IAM5")
        accept(self.role, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
        self.template = fis.CfnExperimentTemplate(
            self,
            "Template",
            description=description,
            role_arn=self.role.role_arn,
            actions={name: _action(name, fault) for name, fault in faults.items()},
            targets={name: _target(fault) for name, fault in faults.items()},
            stop_conditions=[
                fis.CfnExperimentTemplate.ExperimentTemplateStopConditionProperty(
                    source="aws:cloudwatch:alarm", value=alarm.alarm_arn
                )
                for alarm in stops
            ],
            log_configuration=fis.CfnExperimentTemplate.ExperimentTemplateLogConfigurationProperty(
                log_schema_version=2, cloud_watch_logs_configuration={"LogGroupArn": f"{log.plain_arn}:*"}
            ),
            # A target that is not there is a mistake of the template, and no experiment at all.
            experiment_options=fis.CfnExperimentTemplate.ExperimentTemplateExperimentOptionsProperty(
                account_targeting="single-account", empty_target_resolution_mode="fail"
            ),
            tags={TAG: topology, "Name": id},
        )
        # Without its policy a role may do nothing, and FIS looks at that when the template is made.
        self.template.node.add_dependency(self.role.node.find_child("DefaultPolicy"))


def _action(name: str, fault: Fault) -> fis.CfnExperimentTemplate.ExperimentTemplateActionProperty:
    return fis.CfnExperimentTemplate.ExperimentTemplateActionProperty(
        action_id=fault.action, parameters=fault.parameters, targets={fault.target: name}
    )


def _target(fault: Fault) -> fis.CfnExperimentTemplate.ExperimentTemplateTargetProperty:
    told: dict[str, Any] = fault.reached
    filters = [
        fis.CfnExperimentTemplate.ExperimentTemplateTargetFilterProperty(path=each["path"], values=each["values"])
        for each in told.get("filters", ())
    ]
    return fis.CfnExperimentTemplate.ExperimentTemplateTargetProperty(
        resource_type=told["resourceType"],
        selection_mode=fault.selection,
        resource_arns=told.get("resourceArns"),
        resource_tags=told.get("resourceTags"),
        parameters=told.get("parameters"),
        filters=filters or None,
    )
