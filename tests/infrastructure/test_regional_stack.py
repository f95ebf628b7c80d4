"""Promises on a workload region: its data is kept, its copies are born once, its doors are few."""

import json
from typing import Any

import pytest

from failover.topology import Names, Topology
from tests.infrastructure.assembly import Assembly
from tests.infrastructure.templates import Template, functions, of_type, properties, rights

HERE = "eu-west-1"
KEPT = {
    "AWS::RDS::DBInstance",
    "AWS::S3::Bucket",
    "AWS::KMS::Key",
    "AWS::SecretsManager::Secret",
    "AWS::Route53::HostedZone",
}


@pytest.fixture(scope="module")
def template(assembly: Assembly) -> Template:
    return assembly.template("regional", HERE)


def _database(template: Template) -> dict[str, Any]:
    (database,) = properties(template, "AWS::RDS::DBInstance")
    return database


def test_what_holds_data_outlives_its_stack(assembly: Assembly, names: Names) -> None:
    seen = set()
    for name, template in assembly.templates.items():
        for resource in template["Resources"].values():
            quorum = resource.get("Properties", {}).get("TableName") == names.quorum_table
            if resource["Type"] in KEPT or quorum:
                seen.add(resource["Type"])
                assert resource["DeletionPolicy"] == "RetainExceptOnCreate", name
                assert resource["UpdateReplacePolicy"] == "Retain", name
    assert seen == KEPT | {"AWS::DynamoDB::GlobalTable"}


def test_a_database_cannot_be_deleted_by_mistake(assembly: Assembly, topology: Topology) -> None:
    for region in topology.region_names:
        database = _database(assembly.template("regional", region))
        assert database["DeletionProtection"] is True
        assert database["DeleteAutomatedBackups"] is False
        assert database["BackupRetentionPeriod"] >= 7


def test_a_promoted_copy_lacks_nothing_that_the_primary_had(assembly: Assembly, topology: Topology) -> None:
    first, *others = (_database(assembly.template("regional", region)) for region in topology.region_names)
    only_the_first = {"Engine", "EngineVersion", "DBName", "AllocatedStorage", "StorageEncrypted"}
    only_the_first |= {"MasterUsername", "MasterUserPassword"}
    for other in others:
        assert set(first) - set(other) == only_the_first
        assert set(other) - set(first) == {"SourceDBInstanceIdentifier"}


def test_a_replica_names_its_source_in_its_sources_region(template: Template, names: Names) -> None:
    assert _database(template)["SourceDBInstanceIdentifier"] == names.db_instance_arn("orders", "us-east-1")


def test_a_copy_is_encrypted_with_a_key_of_its_own_region(assembly: Assembly, topology: Topology) -> None:
    for region in topology.region_names:
        template = assembly.template("regional", region)
        assert _database(template)["KmsKeyId"]["Fn::GetAtt"][0] in of_type(template, "AWS::KMS::Key")


def test_copies_are_not_backed_up_at_the_same_time(assembly: Assembly, topology: Topology) -> None:
    windows = [
        _database(assembly.template("regional", region))["PreferredBackupWindow"] for region in topology.region_names
    ]
    assert len(set(windows)) == len(windows)


def test_each_copys_lag_is_watched_also_the_first_writers_when_it_follows(
    assembly: Assembly, topology: Topology
) -> None:
    for region in topology.region_names:
        alarms = properties(assembly.template("regional", region), "AWS::CloudWatch::Alarm")
        (behind,) = [each for each in alarms if each["MetricName"] == "ReplicaLag"]
        assert behind["TreatMissingData"] == "missing", "a writer has no such metric"


def test_a_copy_has_the_settings_that_a_failover_needs(template: Template) -> None:
    (group,) = properties(template, "AWS::RDS::DBParameterGroup")
    assert group["Parameters"]["rds.force_ssl"] == "1"
    assert group["Parameters"]["rds.logical_replication"] == "1"
    assert int(group["Parameters"]["wal_retrieve_retry_interval"]) <= 1000
    assert _database(template)["MultiAZ"] is True
    assert _database(template)["EnablePerformanceInsights"] is True


def test_only_pods_and_the_two_functions_reach_the_database(template: Template) -> None:
    database = next(key for key in of_type(template, "AWS::EC2::SecurityGroup") if key.startswith("Databaseorders"))
    group = template["Resources"][database]["Properties"]
    assert "SecurityGroupIngress" not in group
    doors = [
        each["SourceSecurityGroupId"]["Fn::GetAtt"]
        for each in properties(template, "AWS::EC2::SecurityGroupIngress")
        if each["GroupId"]["Fn::GetAtt"][0] == database
    ]
    functions_group = functions(template)["GuardLease"]["VpcConfig"]["SecurityGroupIds"][0]["Fn::GetAtt"]
    cluster = next(iter(of_type(template, "AWS::EKS::Cluster")))
    assert sorted(doors) == sorted([functions_group, [cluster, "ClusterSecurityGroupId"]])


def test_data_lives_where_no_route_leads_out(template: Template) -> None:
    (subnets,) = properties(template, "AWS::RDS::DBSubnetGroup")
    isolated = {each["Ref"] for each in subnets["SubnetIds"]}
    assert len(isolated) == 3
    tables = {
        each["RouteTableId"]["Ref"]
        for each in properties(template, "AWS::EC2::SubnetRouteTableAssociation")
        if each["SubnetId"]["Ref"] in isolated
    }
    routed = {route["RouteTableId"]["Ref"] for route in properties(template, "AWS::EC2::Route")}
    assert tables
    assert not tables & routed


def test_the_loss_of_one_zone_is_not_the_end_of_a_lease(template: Template) -> None:
    assert len(of_type(template, "AWS::EC2::NatGateway")) == 3
    zones = {json.dumps(each["AvailabilityZone"]) for each in properties(template, "AWS::EC2::Subnet")}
    assert len(zones) == 3


def test_guards_overlap(template: Template) -> None:
    guard = functions(template)["GuardLease"]
    assert guard["ReservedConcurrentExecutions"] == 4
    assert guard["Timeout"] == 170
    schedules = [
        rule["ScheduleExpression"]
        for rule in properties(template, "AWS::Events::Rule")
        if "GuardLease" in json.dumps(rule["Targets"])
    ]
    assert schedules == ["rate(1 minute)"]


def test_the_functions_beside_the_database_know_its_address(template: Template) -> None:
    for function in ("DatabaseAgent", "GuardLease"):
        endpoints = json.dumps(functions(template)[function]["Environment"]["Variables"]["LIFEBOAT_ENDPOINTS"])
        assert "Endpoint.Address" in endpoints
        assert ":5432" in endpoints


def test_credentials_are_read_in_the_functions_own_region(template: Template) -> None:
    for function in ("DatabaseAgent", "GuardLease"):
        secrets = rights(template, function)["secretsmanager:GetSecretValue"]
        assert len(secrets) == 3
        assert all(str(arn).startswith(f"arn:aws:secretsmanager:{HERE}:") for arn in secrets)


def test_secrets_are_made_where_the_database_was_born_and_are_everywhere(assembly: Assembly, names: Names) -> None:
    born = properties(assembly.template("regional", "us-east-1"), "AWS::SecretsManager::Secret")
    replicated = {each["Name"]: {to["Region"] for to in each.get("ReplicaRegions", ())} for each in born}
    for name in (names.database_secret("orders"), names.application_secret("orders", "app_rw")):
        assert replicated[name] == {"eu-west-1", "ap-southeast-1"}
    elsewhere = properties(assembly.template("regional", HERE), "AWS::SecretsManager::Secret")
    assert [each["Name"] for each in elsewhere] == [names.cache_secret("cache")]


def test_no_password_is_written_in_a_template(assembly: Assembly) -> None:
    database = _database(assembly.template("regional", "us-east-1"))
    assert "resolve:secretsmanager" in json.dumps(database["MasterUserPassword"])


def test_the_entrance_speaks_tls_and_is_behind_the_firewall(template: Template) -> None:
    listeners = {each["Protocol"]: each for each in properties(template, "AWS::ElasticLoadBalancingV2::Listener")}
    assert listeners["HTTPS"]["SslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-2-")
    assert listeners["HTTP"]["DefaultActions"][0]["RedirectConfig"]["Protocol"] == "HTTPS"
    (guarded,) = properties(template, "AWS::WAFv2::WebACLAssociation")
    assert guarded["ResourceArn"]["Ref"] in of_type(template, "AWS::ElasticLoadBalancingV2::LoadBalancer")


def test_the_certificate_covers_the_origin_and_the_routes(template: Template, names: Names) -> None:
    (certificate,) = properties(template, "AWS::CertificateManager::Certificate")
    assert certificate["DomainName"] == names.origin(HERE)
    assert certificate["SubjectAlternativeNames"] == [names.route("app")]


def test_the_origin_is_a_cname_to_the_load_balancer(template: Template, names: Names) -> None:
    (record,) = properties(template, "AWS::Route53::RecordSet")
    assert (record["Type"], record["Name"]) == ("CNAME", f"{names.origin(HERE)}.")
    assert record["ResourceRecords"][0]["Fn::GetAtt"][1] == "DNSName"


def test_the_bucket_is_private_versioned_and_encrypted(template: Template, names: Names) -> None:
    (bucket,) = properties(template, "AWS::S3::Bucket")
    assert bucket["BucketName"] == names.bucket(HERE)
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    rule = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"


def test_the_cache_is_in_every_zone_and_needs_a_password(template: Template) -> None:
    (cache,) = properties(template, "AWS::ElastiCache::ReplicationGroup")
    assert cache["NumCacheClusters"] == 3
    assert cache["MultiAZEnabled"] is True
    assert cache["TransitEncryptionEnabled"] is True
    assert "resolve:secretsmanager" in json.dumps(cache["AuthToken"])


def test_a_region_may_grow_to_take_anothers_users(template: Template) -> None:
    (nodes,) = properties(template, "AWS::EKS::Nodegroup")
    assert nodes["ScalingConfig"]["MaxSize"] >= 2 * nodes["ScalingConfig"]["MinSize"]
