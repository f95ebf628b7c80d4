"""A small CDK application with one of everything that a deployment on the twin must get right."""

import sys
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as stepfunctions

ACCOUNT, DOMAIN = "111122223333", "example.org"
MACHINE = """
{"StartAt": "Echo", "States": {"Echo": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
 "Parameters": {"FunctionName": "${EchoArn}", "Payload.$": "$"}, "OutputPath": "$.Payload"}}}
"""


class Zone(cdk.Stack):
    def __init__(self, scope: cdk.App) -> None:
        super().__init__(scope, "zone", env=cdk.Environment(account=ACCOUNT, region="us-east-1"))
        route53.PublicHostedZone(self, "Zone", zone_name=DOMAIN)


class Quorum(cdk.Stack):
    def __init__(self, scope: cdk.App) -> None:
        super().__init__(scope, "quorum", env=cdk.Environment(account=ACCOUNT, region="eu-central-1"))
        dynamodb.TableV2(
            self,
            "Table",
            table_name="quorum",
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            multi_region_consistency=dynamodb.MultiRegionConsistency.STRONG,
            replicas=[dynamodb.ReplicaTableProps(region=region) for region in ("eu-west-2", "eu-west-3")],
        )


class Regional(cdk.Stack):
    def __init__(self, scope: cdk.App, region: str, code: Path) -> None:
        super().__init__(scope, f"regional-{region}", env=cdk.Environment(account=ACCOUNT, region=region))
        zones = [cdk.Fn.select(index, cdk.Fn.get_azs()) for index in range(3)]
        ec2.Vpc(self, "Vpc", availability_zones=zones, nat_gateways=1)
        echo = lambda_.Function(
            self,
            "Echo",
            function_name="echo",
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="index.handle",
            code=lambda_.Code.from_asset(str(code)),
        )
        machine = stepfunctions.StateMachine(
            self,
            "Machine",
            state_machine_name="machine",
            definition_body=stepfunctions.DefinitionBody.from_string(MACHINE),
            definition_substitutions={"EchoArn": echo.function_arn},
        )
        dead = sqs.Queue(self, "Dead")
        minutely = events.Schedule.rate(cdk.Duration.minutes(1))
        rule = events.Rule(self, "Tick", rule_name="tick", schedule=minutely)
        rule.add_target(targets.LambdaFunction(echo, dead_letter_queue=dead, retry_attempts=0))
        rule.add_target(targets.SfnStateMachine(machine, dead_letter_queue=dead))
        alarm = cloudwatch.Alarm(
            self, "Alarm", metric=echo.metric_errors(), threshold=1, evaluation_periods=1, alarm_name="errors"
        )
        cloudwatch.CompositeAlarm(self, "Any", alarm_rule=cloudwatch.AlarmRule.any_of(alarm))
        check = route53.CfnHealthCheck(
            self,
            "Check",
            health_check_config=route53.CfnHealthCheck.HealthCheckConfigProperty(
                type="HTTPS", fully_qualified_domain_name=f"{region}.{DOMAIN}", request_interval=10
            ),
        )
        route53.CfnRecordSet(
            self,
            "Record",
            hosted_zone_name=f"{DOMAIN}.",
            name=f"app.{DOMAIN}.",
            type="CNAME",
            ttl="20",
            region=region,
            set_identifier=region,
            health_check_id=check.ref,
            resource_records=[f"{region}.{DOMAIN}"],
        )


def main() -> None:
    app = cdk.App(analytics_reporting=False)
    zone, code = Zone(app), Path(sys.argv[1])
    Quorum(app)
    for region in ("us-east-1", "eu-west-1"):
        Regional(app, region, code).add_dependency(zone)
    app.synth()


if __name__ == "__main__":
    main()
