"""What is built to observe a product deploys on the twin, and what of it only stands there is told."""

from __future__ import annotations

import json

from tests.infrastructure.seen import seen
from tests.twin.aws.conftest import EU, ROLE, US, Client, DeployStack, Reasons
from twin.aws import EmulatedAws
from twin.operators_secrets import NOTHING, wanted

STACKS = (
    ("observability", EU),
    ("observability", US),
    ("logs", US),
    ("log-way", EU),
    ("budgets", US),
    ("global-dashboard", US),
)


def test_it_deploys_as_it_is(aws: EmulatedAws, client: Client, deploy: DeployStack, reasons: Reasons) -> None:
    product = seen("reviews", US)
    for region in (US, EU):  # of the regional stacks, which are there before
        client("eks", region).create_cluster(name=product.names.cluster, roleArn=ROLE, resourcesVpcConfig={})
    for layer, region in STACKS:
        template = product.template(layer, region)
        for name, document in wanted(template).items():
            client("secretsmanager", region).create_secret(Name=name, SecretString=json.dumps(document))
        stack = deploy(template["Resources"], region, name=product.names.stack(layer, region))
        assert stack["StackStatus"] == "CREATE_COMPLETE", [each for each in reasons(region, stack["StackName"]) if each]
    assert "AWS::OpenSearchServerless::Collection" in aws.recorded_only_types()
    boards = client("cloudwatch", US).list_dashboards()["DashboardEntries"]
    assert "lifeboat-reviews" in {each["DashboardName"] for each in boards}


def test_a_secret_that_people_write_is_known_by_what_reads_it() -> None:
    found = wanted(seen("reviews", US).template("observability", EU))
    assert found == {"lifeboat/reviews/pagerduty": {"routing_key": NOTHING}}


def test_a_secret_that_the_template_makes_is_nobody_s_to_write() -> None:
    own = {
        "Resources": {
            "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "own"}},
            "Reader": {"Type": "AWS::X::Y", "Properties": {"Key": "{{resolve:secretsmanager:own:SecretString:key::}}"}},
        }
    }
    assert wanted(own) == {}
