"""Promises on an Aurora global database: its members are born once, kept, and moved by one function alone."""

import json
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import ManualArgs, lint_file

import topology_document
from failover.topology import Names, Topology
from tests.infrastructure.assembly import ROOT, Assembly, begin_synthesis, end_synthesis
from tests.infrastructure.templates import Template, anywhere, functions, functions_allowed, of_type, properties, rights

AURORA = ROOT / "topologies" / "aurora.yaml"
BORN, ELSEWHERE = "us-east-1", "eu-west-1"
CLUSTER, INSTANCE, GLOBAL = "AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::RDS::GlobalCluster"
MOVES = {"rds:FailoverGlobalCluster", "rds:SwitchoverGlobalCluster"}


@pytest.fixture(scope="module")
def aurora() -> Topology:
    return topology_document.load(AURORA)


@pytest.fixture(scope="module")
def aurora_assembly(aurora: Topology, tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    into: Path = tmp_path_factory.mktemp("aurora")
    code, said = end_synthesis(begin_synthesis(into, LIFEBOAT_TOPOLOGY=str(AURORA)))
    assert code == 0, said
    return Assembly(into, Names(aurora))


@pytest.fixture(scope="module")
def born(aurora_assembly: Assembly) -> Template:
    return aurora_assembly.template("regional", BORN)


@pytest.fixture(scope="module")
def elsewhere(aurora_assembly: Assembly) -> Template:
    return aurora_assembly.template("regional", ELSEWHERE)


def cluster(template: Template) -> dict[str, Any]:
    (found,) = properties(template, CLUSTER)
    return found


def test_cfn_lint_finds_no_error(aurora_assembly: Assembly) -> None:
    for layer, region in (("regional", BORN), ("regional", ELSEWHERE), ("control", ELSEWHERE)):
        file = aurora_assembly.path / f"{aurora_assembly.names.stack(layer, region)}.template.json"
        found = lint_file(file, config=ManualArgs(ignore_checks=["W", "I"], regions=[region]))
        assert [str(each) for each in found] == []


def test_members_are_bound_by_a_name_and_by_nothing_else(aurora_assembly: Assembly, aurora: Topology) -> None:
    names = Names(aurora)
    for region in aurora.region_names:
        template = aurora_assembly.template("regional", region)
        assert cluster(template)["GlobalClusterIdentifier"] == names.global_database("accounts")
        assert cluster(template)["DBClusterIdentifier"] == names.db_cluster("accounts", region)
        assert not {"Fn::ImportValue", "Fn::GetStackOutput"}.intersection(key for key, _ in anywhere(template))


def test_the_global_database_is_made_once_before_its_first_member(born: Template, elsewhere: Template) -> None:
    (key,) = of_type(born, GLOBAL)
    (first,) = of_type(born, CLUSTER).values()
    assert key in first["DependsOn"]
    assert not of_type(elsewhere, GLOBAL)


def test_what_holds_data_outlives_its_stack(born: Template, elsewhere: Template) -> None:
    for template in (born, elsewhere):
        kept = [each for kind in (CLUSTER, INSTANCE, GLOBAL) for each in of_type(template, kind).values()]
        policies = {(each["DeletionPolicy"], each["UpdateReplacePolicy"]) for each in kept}
        assert policies == {("RetainExceptOnCreate", "Retain")}
        assert cluster(template)["DeletionProtection"] is True
        assert cluster(template)["BackupRetentionPeriod"] >= 7
    assert properties(born, GLOBAL)[0]["DeletionProtection"] is True


def test_a_secondary_lacks_nothing_but_what_it_has_from_the_writer(born: Template, elsewhere: Template) -> None:
    first, other = cluster(born), cluster(elsewhere)
    assert set(first) - set(other) == {"DatabaseName", "MasterUsername", "MasterUserPassword"}
    assert set(other) - set(first) == {"EnableGlobalWriteForwarding"}
    assert other["EnableGlobalWriteForwarding"] is False


def test_all_members_have_one_version_to_the_minor_number(aurora_assembly: Assembly, aurora: Topology) -> None:
    versions = {
        cluster(aurora_assembly.template("regional", region))["EngineVersion"] for region in aurora.region_names
    }
    assert len(versions) == 1
    assert "." in versions.pop()


def test_the_loss_of_one_instance_is_the_clusters_own_business(elsewhere: Template) -> None:
    instances = properties(elsewhere, INSTANCE)
    assert sorted(each["PromotionTier"] for each in instances) == [0, 1]
    assert {each["PubliclyAccessible"] for each in instances} == {False}


def test_each_member_is_encrypted_with_a_key_of_its_own_region(born: Template, elsewhere: Template) -> None:
    for template in (born, elsewhere):
        assert cluster(template)["KmsKeyId"]["Fn::GetAtt"][0] in of_type(template, "AWS::KMS::Key")


def test_agent_and_guard_know_both_endpoints(elsewhere: Template) -> None:
    for function in ("DatabaseAgent", "GuardLease"):
        endpoints = json.dumps(functions(elsewhere)[function]["Environment"]["Variables"]["LIFEBOAT_ENDPOINTS"])
        assert endpoints.index('"Endpoint.Address"') < endpoints.index('"ReadEndpoint.Address"')


def test_a_copy_over_the_rpo_is_told_of_whichever_region_writes(aurora_assembly: Assembly, aurora: Topology) -> None:
    for region in aurora.region_names:
        told = properties(aurora_assembly.template("regional", region), "AWS::CloudWatch::Alarm")
        sources = [
            dimension["Value"]
            for each in told
            for dimension in each.get("Dimensions", ())
            if each.get("MetricName") == "AuroraGlobalDBRPOLag" and dimension["Name"] == "SourceRegion"
        ]
        assert sorted(sources) == sorted({*aurora.database("accounts").regions} - {region})


def test_only_promote_database_may_move_it_and_nothing_else(aurora_assembly: Assembly, aurora: Topology) -> None:
    control, names = aurora_assembly.template("control", ELSEWHERE), Names(aurora)
    own = {names.global_database_arn("accounts")}
    own |= {names.db_cluster_arn("accounts", region) for region in aurora.region_names}
    for action in MOVES:
        assert functions_allowed(control, action) == {"PromoteDatabase"}
        assert set(rights(control, "PromoteDatabase")[action]) == own
    assert functions_allowed(control, "rds:PromoteReadReplica") == set()
    assert functions_allowed(control, "rds:DescribeGlobalClusters") >= {"PromoteDatabase"}
