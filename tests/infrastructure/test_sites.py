"""Promises on what AWS has for sites: names, a door for their guards, and no service of a region of AWS."""

import json
from pathlib import Path
from typing import Any

import pytest

import topology_document
from cli.deployment.assembly import stacks_of
from failover.adapters.aws.store import PARTITIONS
from failover.decision.returning import HOME, SPARED
from failover.records import DatabaseRecord, JournalEntry
from failover.topology import Names, SiteNames
from stacks.constructs import site_role
from tests.infrastructure.assembly import ROOT, Assembly, begin_synthesis, end_synthesis
from tests.infrastructure.templates import (
    Template,
    functions,
    functions_allowed,
    of_type,
    properties,
    rights,
    statements,
)

TOPOLOGY, SAID = topology_document.load_whole(ROOT / "topologies" / "haven.yaml")
OWN = SiteNames(TOPOLOGY)
CONTROL = TOPOLOGY.control_regions
SITES = TOPOLOGY.region_names
RETURNING = [route for route in TOPOLOGY.routes if route.name in SAID.recovery]


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    into: Path = tmp_path_factory.mktemp("haven")
    code, said = end_synthesis(begin_synthesis(into, LIFEBOAT_TOPOLOGY=str(ROOT / "topologies" / "haven.yaml")))
    assert code == 0, said
    return Assembly(into, Names(TOPOLOGY))


@pytest.fixture(scope="module")
def sites(assembly: Assembly) -> Template:
    return assembly.template("sites", assembly.names.home)


def addresses(template: Template) -> dict[str, list[str]]:
    records = properties(template, "AWS::Route53::RecordSet")
    return {each["Name"].rstrip("."): each["ResourceRecords"] for each in records if each["Type"] == "A"}


def test_no_region_of_aws_is_deployed_for_a_site(assembly: Assembly) -> None:
    assert not [name for name in assembly.templates if "-regional-" in name]
    assert not [name for name in assembly.templates for site in SITES if name.endswith(f"{site}.template.json")]


def test_whatever_makes_records_comes_after_their_zone(assembly: Assembly) -> None:
    """No region of AWS is waited for here, by which a control region elsewhere comes after the zone."""
    stacks = stacks_of(assembly.path)
    naming = [
        each.name
        for each in stacks.values()
        if any("HostedZoneName" in record for record in properties(dict(each.template), "AWS::Route53::RecordSet"))
    ]
    assert {assembly.names.stack("control", region) for region in CONTROL} <= set(naming)
    zone, quorum = assembly.names.stack("zone", assembly.names.home), TOPOLOGY.quorum.replicas[0]
    assert [name for name in naming if zone not in stacks[name].after] == []
    assert all(assembly.names.stack("quorum", quorum) in stacks[name].after for name in naming if "-control-" in name)


def test_a_sites_names_lead_to_its_own_addresses(sites: Template) -> None:
    names, found = Names(TOPOLOGY), addresses(sites)
    for region in TOPOLOGY.regions:
        assert region.site is not None
        held = [each.name for each in TOPOLOGY.databases if region.name in each.regions]
        wanted = {
            names.origin(region.name),
            OWN.agent(region.name),
            *(names.database_address(each, region.name) for each in held),
        }
        assert {name for name, told in found.items() if told == list(region.site.addresses)} == wanted


def test_each_zone_is_answered_by_the_two_providers_of_its_place_whichever_is_preferred(assembly: Assembly) -> None:
    names, template = assembly.names, assembly.template("global", assembly.names.home)
    answers: dict[str, dict[str, Any]] = {}
    for each in properties(template, "AWS::Route53::RecordSet"):
        answers.setdefault(each["Name"].rstrip("."), {})[each["SetIdentifier"]] = each
    for route in RETURNING:
        assert TOPOLOGY.are_a_pair(*route.regions)
        ways = answers[names.route(route.name)]
        assert {way: each["Weight"] for way, each in ways.items()} == {HOME: 100, SPARED: 0}
        assert not [each for each in ways.values() if "HealthCheckId" in each]
        for way, order in ((HOME, route.regions), (SPARED, route.regions[::-1])):
            behind = answers[ways[way]["ResourceRecords"][0].rstrip(".")]
            found = {each["Failover"]: each["ResourceRecords"][0].rstrip(".") for each in behind.values()}
            assert found == dict(zip(("PRIMARY", "SECONDARY"), map(names.origin, order), strict=True))
            assert all("HealthCheckId" in each and each["TTL"] == "20" for each in behind.values())


def test_every_zone_has_a_name_whose_users_come_back_by_and_by() -> None:
    zones = {region.zone for region in TOPOLOGY.regions}
    assert {TOPOLOGY.region(route.regions[0]).zone for route in RETURNING} == zones


def test_users_come_back_as_the_document_says_by_a_function_that_may_change_these_names_alone(
    assembly: Assembly,
) -> None:
    template = assembly.template("returns", assembly.names.home)
    said = json.loads(functions(template)["ReturnUsers"]["Environment"]["Variables"]["LIFEBOAT_RETURNING"])
    assert said == {
        route.name: {"first_percent": 10, "percent_per_minute": 10, "regions": list(route.regions)}
        for route in RETURNING
    }
    (changing,) = [each for _, each in statements(template) if each["Action"] == "route53:ChangeResourceRecordSets"]
    held = changing["Condition"]["ForAllValues:StringEquals"]
    assert held["route53:ChangeResourceRecordSetsNormalizedRecordNames"] == sorted(
        assembly.names.route(route.name) for route in RETURNING
    )
    assert held["route53:ChangeResourceRecordSetsActions"] == ["UPSERT"]


def test_a_guard_gets_its_role_for_its_own_certificate_alone(sites: Template) -> None:
    roles = {each["RoleName"]: each for each in properties(sites, "AWS::IAM::Role")}
    assert set(roles) == {OWN.role(site) for site in SITES}
    for site in SITES:
        for statement in roles[OWN.role(site)]["AssumeRolePolicyDocument"]["Statement"]:
            assert statement["Principal"] == {"Service": "rolesanywhere.amazonaws.com"}
            assert statement["Condition"]["StringEquals"] == {"aws:PrincipalTag/x509Subject/CN": site}
            anchors = statement["Condition"]["ArnLike"]["aws:SourceArn"]
            assert [arn.split(":")[3] for arn in anchors] == list(CONTROL)


def test_a_guard_may_renew_and_tell_and_touches_no_vote_and_no_incident(sites: Template) -> None:
    assert set(site_role.PARTITIONS) == {PARTITIONS[DatabaseRecord], PARTITIONS[JournalEntry]}
    for policy in properties(sites, "AWS::IAM::Policy"):
        held: dict[str, Any] = {
            action: each
            for each in policy["PolicyDocument"]["Statement"]
            for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
        }
        assert set(held) == {
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "lambda:InvokeFunction",
            "cloudwatch:PutMetricData",
        }
        keys = held["dynamodb:PutItem"]["Condition"]["ForAllValues:StringEquals"]["dynamodb:LeadingKeys"]
        assert keys == list(site_role.PARTITIONS)
        assert all("give-promise" in arn for arn in held["lambda:InvokeFunction"]["Resource"])


@pytest.mark.parametrize("region", CONTROL)
def test_each_control_region_is_a_door_on_the_sites_own_authority(assembly: Assembly, region: str) -> None:
    template = assembly.template("site-door", region)
    (anchor,) = properties(template, "AWS::RolesAnywhere::TrustAnchor")
    told = anchor["Source"]["SourceData"]["X509CertificateData"]["Ref"]
    assert template["Parameters"][told]["Default"] == OWN.authority
    assert SAID.sites is not None
    assert {each["Threshold"] for each in anchor["NotificationSettings"]} == {SAID.sites.expiry_told_days}
    (profile,) = properties(template, "AWS::RolesAnywhere::Profile")
    assert profile["RoleArns"] == [OWN.role_arn(site) for site in SITES]
    assert profile["DurationSeconds"] == SAID.sites.session_seconds
    assert set(template["Outputs"]) == {"TrustAnchorArn", "ProfileArn"}, "a guard looks for them in doors.json"


def test_no_template_has_the_control_planes_key_and_those_who_ask_agents_read_it(assembly: Assembly) -> None:
    for region in CONTROL:
        ((key, secret),) = of_type(assembly.template("site-door", region), "AWS::SecretsManager::Secret").items()
        assert secret["Properties"]["Name"] == OWN.secret
        assert "SecretString" not in secret["Properties"], key
        assert secret["DeletionPolicy"] == "RetainExceptOnCreate"
        control = assembly.template("control", region)
        asking = functions_allowed(control, "secretsmanager:GetSecretValue")
        assert {"FenceSource", "PromoteDatabase", "AdmitWriter", "RejoinDatabase", "DecideFailover"} <= asking
        assert "ShiftTraffic" not in asking
        assert rights(control, "FenceSource")["secretsmanager:GetSecretValue"] == [
            f"arn:aws:secretsmanager:{region}:{TOPOLOGY.account}:secret:{OWN.secret}-??????"
        ]


def test_the_control_plane_has_no_right_in_a_region_that_aws_does_not_have(assembly: Assembly) -> None:
    for region in CONTROL:
        text = (assembly.path / f"{assembly.names.stack('control', region)}.template.json").read_text()
        for site in SITES:
            assert f":{site}:" not in text
        for function in ("RejoinDatabase", "AwaitReplica"):
            rejoining = rights(assembly.template("control", region), function)
            assert not {"ssm:SendCommand", "rds:ModifyDBInstance"} & set(rejoining)


def test_every_site_is_observed_by_all_control_regions_and_its_guard_is_heard_in_one(assembly: Assembly) -> None:
    heard: list[str] = []
    for region in CONTROL:
        alarms = properties(assembly.template("control", region), "AWS::CloudWatch::Alarm")
        unhealthy = [each for each in alarms if each["AlarmName"].endswith(f"unhealthy-seen-from-{region}")]
        assert len(unhealthy) == len(SITES)
        watched = properties(assembly.template("site-door", region), "AWS::CloudWatch::Alarm")
        silent = [each for each in watched if each["MetricName"] == "GuardHeartbeat"]
        assert SAID.sites is not None
        assert {each["EvaluationPeriods"] for each in silent} == {SAID.sites.guard_silent_minutes}
        heard += [next(at["Value"] for at in each["Dimensions"] if at["Name"] == "Region") for each in silent]
    assert sorted(heard) == sorted(SITES)
