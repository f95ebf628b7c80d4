"""How the copies of databases are kept, and by which names they are read: what a document says arrives."""

from functools import cache
from typing import Any

import pytest
from aws_cdk import Environment, Stack
from aws_cdk.assertions import Template

from failover.topology import Database, Engine, Names
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.aurora_copy import AuroraCopy
from stacks.constructs.data_key import DataKey
from stacks.constructs.database_copy import DatabaseCopy
from stacks.constructs.network import Network
from stacks.constructs.reader_names import ReaderNames
from tests.infrastructure.kept import app, wanted
from tests.infrastructure.templates import of_type, properties
from topology_document.infrastructure.upkeep import UpkeepSection

US, EU = "us-east-1", "eu-west-1"
MANAGED: dict[Engine, type[DatabaseCopy | AuroraCopy]] = {
    Engine.RDS_POSTGRES: DatabaseCopy,
    Engine.AURORA_POSTGRES: AuroraCopy,
}


@cache
def template(product: str, database: str, region: str) -> dict[str, Any]:
    """One region's copy of a product's database, with the names of its readers."""
    topology, infrastructure = wanted(product)
    declared, upkeep = topology.database(database), infrastructure.upkeep[database]
    stack = Stack(app(), "Region", env=Environment(account=topology.account, region=region))
    names, key = Names(topology), DataKey(stack, "Key", names=Names(topology))
    network = Network(stack, "Network", cidr=topology.region(region).cidr)
    place: dict[str, Any] = {"names": names, "database": declared, "region": region}
    copy = MANAGED[declared.engine](stack, "Copy", network=network, key=key, upkeep=upkeep, **place)
    if upkeep.readers:
        ReaderNames(stack, "Readers", copy=copy, upkeep=upkeep, told=AlarmTopic(stack, "Told"), **place)
    return dict(Template.from_stack(stack).to_json())


def upkeep(product: str, database: str) -> tuple[Database, UpkeepSection]:
    topology, infrastructure = wanted(product)
    return topology.database(database), infrastructure.upkeep[database]


COPIES = [
    (product, name, region)
    for product in ("reviews", "metro", "fleet", "triage")
    for name in wanted(product)[1].upkeep
    for region in wanted(product)[0].database(name).regions
]
SOME = [each for each in COPIES if each[1] in ("reviews", "services", "people-fr", "mail-eu")]


@pytest.mark.parametrize(("product", "name", "region"), SOME)
def test_a_copy_can_be_restored_as_far_back_as_is_said_wherever_it_stands(product: str, name: str, region: str) -> None:
    database, said = upkeep(product, name)
    kind = "AWS::RDS::DBCluster" if database.engine is Engine.AURORA_POSTGRES else "AWS::RDS::DBInstance"
    (copy,) = properties(template(product, name, region), kind)
    assert copy["BackupRetentionPeriod"] == said.recovery_days


@pytest.mark.parametrize(("product", "name", "region"), SOME)
def test_a_copy_takes_tls_alone_and_writes_down_who_did_what(product: str, name: str, region: str) -> None:
    database, said = upkeep(product, name)
    kind = "DBClusterParameterGroup" if database.engine is Engine.AURORA_POSTGRES else "DBParameterGroup"
    (group,) = properties(template(product, name, region), f"AWS::RDS::{kind}")
    parameters = group["Parameters"]
    assert parameters["rds.force_ssl"] == "1"
    assert parameters["shared_preload_libraries"].split(",") == ["pg_stat_statements", "pgaudit"]
    assert set(parameters["pgaudit.log"].split(",")) == set(said.audit)


def test_storage_grows_by_itself_as_far_as_is_said() -> None:
    for region in ("eu-central-1", "eu-west-1"):
        (copy,) = properties(template("metro", "services", region), "AWS::RDS::DBInstance")
        assert copy["MaxAllocatedStorage"] == 1000
        assert copy["MultiAZ"] is True


def test_what_persons_data_is_read_and_changed_in_is_audited_in_every_country() -> None:
    for name, region in (("people-ie", EU), ("people-fr", "eu-west-3"), ("people-in", "ap-south-1")):
        (group,) = properties(template("fleet", name, region), "AWS::RDS::DBParameterGroup")
        assert group["Parameters"]["pgaudit.log"] == "ddl,read,role,write"


def records(product: str, database: str, region: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for each in properties(template(product, database, region), "AWS::Route53::RecordSet"):
        found.setdefault(each["Name"], []).append(each)
    return found


@pytest.mark.parametrize(("region", "elsewhere"), [(US, EU), (EU, US), ("ap-southeast-1", US)])
def test_readers_find_the_local_copy_and_the_primary_regions_when_it_is_away(region: str, elsewhere: str) -> None:
    """Product reviews: local region preferred, fallback to primary."""
    answers = records("reviews", "reviews", region)[f"reviews.{region}.reader.reviews.example."]
    first = next(each for each in answers if each["Failover"] == "PRIMARY")
    second = next(each for each in answers if each["Failover"] == "SECONDARY")
    assert first["ResourceRecords"] == [f"reviews.{region}.copy.reviews.example"]
    assert second["ResourceRecords"] == [f"reviews.{elsewhere}.copy.reviews.example"]
    assert "HealthCheckId" in first
    assert "HealthCheckId" not in second


def test_every_name_that_one_region_falls_back_to_is_made_by_another() -> None:
    regions = wanted("reviews")[0].database("reviews").regions
    made = {name.rstrip(".") for region in regions for name in records("reviews", "reviews", region)}
    leads = {
        target
        for region in regions
        for answers in records("reviews", "reviews", region).values()
        for each in answers
        for target in each["ResourceRecords"]
        if isinstance(target, str)
    }
    assert leads <= made


@pytest.mark.parametrize(
    ("product", "name", "region", "threshold"), [("reviews", "reviews", EU, 1000), ("metro", "services", EU, 60)]
)
def test_a_copy_that_is_too_far_behind_or_says_nothing_is_away(
    product: str, name: str, region: str, threshold: float
) -> None:
    found = template(product, name, region)
    alarms = of_type(found, "AWS::CloudWatch::Alarm")
    named = {each["Properties"]["AlarmName"]: each["Properties"] for each in alarms.values()}
    silent = named[f"Region-{name}-readers-silent"]
    behind = [each for called, each in named.items() if f"Region-{name}-readers-behind" in called]
    assert {each["Threshold"] for each in behind} == {threshold}
    assert silent["TreatMissingData"] == "breaching"
    checks = [each["HealthCheckConfig"] for each in properties(found, "AWS::Route53::HealthCheck")]
    by_kind = {each["Type"]: each for each in checks if each["Type"] == "CALCULATED"}
    assert by_kind["CALCULATED"]["HealthThreshold"] == len(by_kind["CALCULATED"]["ChildHealthChecks"]) == len(alarms)
    watched = {each["AlarmIdentifier"]["Name"]["Ref"] for each in checks if each["Type"] == "CLOUDWATCH_METRIC"}
    assert watched == set(alarms)


@pytest.mark.parametrize("region", [US, EU, "ap-southeast-1"])
def test_a_copy_of_aurora_is_away_whichever_region_it_is_too_far_behind(region: str) -> None:
    found = template("reviews", "reviews", region)
    alarms = of_type(found, "AWS::CloudWatch::Alarm")
    sources = {
        key: dimension["Value"]
        for key, each in alarms.items()
        for dimension in each["Properties"]["Dimensions"]
        if each["Properties"]["MetricName"] == "AuroraGlobalDBReplicationLag" and dimension["Name"] == "SourceRegion"
    }
    assert sorted(sources.values()) == sorted({US, EU, "ap-southeast-1"} - {region})
    missing = {
        each["HealthCheckConfig"]["InsufficientDataHealthStatus"]
        for each in properties(found, "AWS::Route53::HealthCheck")
        if each["HealthCheckConfig"].get("AlarmIdentifier", {}).get("Name", {}).get("Ref") in sources
    }
    assert missing == {"Healthy"}


def test_readers_of_other_regions_may_come_in_from_their_networks_alone() -> None:
    allowed = [
        each["CidrIp"]
        for group in properties(template("reviews", "reviews", US), "AWS::EC2::SecurityGroup")
        for each in group.get("SecurityGroupIngress", [])
        if each.get("FromPort") == 5432
    ]
    assert sorted(allowed) == ["10.20.0.0/16", "10.30.0.0/16"]


def test_a_document_that_says_nothing_has_no_readers_names() -> None:
    assert not of_type(template("fleet", "people-fr", "eu-west-3"), "AWS::Route53::RecordSet")
