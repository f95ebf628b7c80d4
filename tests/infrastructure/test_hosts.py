"""Hosts of one's own: what stands in their templates, what they may do, and what their settings become."""

import dataclasses
from typing import Any

import pytest

from failover.topology import DatasetKind, Engine, Names, Topology
from stacks.constructs.function_bundle import FunctionBundle
from stacks.host import files
from stacks.regional_stack import RegionalStack
from tests.infrastructure.areas import application
from tests.infrastructure.assembly import ROOT
from tests.infrastructure.templates import Template, anywhere, of_type, properties, rights, statements
from tests.products import EU, US, quickstart
from topology_document import Infrastructure, load_whole

IRELAND, FRANCE = "eu-west-1", "eu-west-3"


def regional(topology: Topology, infrastructure: Infrastructure, region: str) -> Template:
    bundle = FunctionBundle.build(topology)
    app = application()
    stack = RegionalStack(app, topology, region, bundle, infrastructure)
    return dict(app.synth().get_stack_by_name(stack.stack_name).template)


@pytest.fixture(scope="module")
def fleet() -> tuple[Topology, Infrastructure]:
    return load_whole(ROOT / "topologies" / "fleet.yaml")


@pytest.fixture(scope="module")
def ireland(fleet: tuple[Topology, Infrastructure]) -> Template:
    return regional(*fleet, IRELAND)


def streaming(region: str) -> Template:
    """A database with one writer on hosts of one's own: born in us-east-1, a copy in eu-west-1."""
    orders = dataclasses.replace(
        quickstart().databases[0], engine=Engine.SELF_MANAGED_POSTGRES, kind=DatasetKind.SINGLE, replicas=(EU,)
    )
    return regional(quickstart(databases=(orders,)), Infrastructure(), region)


def name_of(told: dict[str, Any]) -> str:
    return next(str(tag["Value"]) for tag in told["Tags"] if tag["Key"] == "Name")


def test_a_copy_has_two_hosts_in_two_zones_by_the_names_that_run_command_knows(ireland: Template) -> None:
    hosts = properties(ireland, "AWS::EC2::Instance")
    assert [name_of(each) for each in hosts] == ["fleet-telemetry-ie-eu-west-1", "fleet-telemetry-ie-eu-west-1-standby"]
    places = [each["SubnetId"]["Ref"] for each in properties(ireland, "AWS::EC2::NetworkInterface")]
    assert len(set(places)) == 2
    assert all("Private" in each for each in places)


def test_the_data_outlive_their_host_and_are_encrypted_with_the_regions_key(ireland: Template) -> None:
    volumes = of_type(ireland, "AWS::EC2::Volume")
    assert {each["DeletionPolicy"] for each in volumes.values()} == {"RetainExceptOnCreate"}
    for each in volumes.values():
        assert each["Properties"]["Encrypted"] is True
        assert "DataKey" in str(each["Properties"]["KmsKeyId"])
        assert each["Properties"]["Size"] == 1000


def test_no_new_image_and_no_setting_replaces_a_server(ireland: Template) -> None:
    """An instance names the first version of its template, and the template names no image but where to ask for it."""
    for host in properties(ireland, "AWS::EC2::Instance"):
        assert host["LaunchTemplate"]["Version"] == "1"
        assert host["DisableApiTermination"] is True
        assert not {"ImageId", "UserData"} & host.keys()
    templates = [each["LaunchTemplateData"] for each in properties(ireland, "AWS::EC2::LaunchTemplate")]
    hosts = [each for each in templates if "ImageId" in each]
    assert {each["ImageId"].partition("/aws")[0] for each in hosts} == {"resolve:ssm:"}
    assert {each["InstanceType"] for each in hosts} == {"r7g.xlarge"}


def test_hosts_take_no_ssh_and_answer_about_themselves_by_version_2_alone(ireland: Template) -> None:
    templates = [each["LaunchTemplateData"] for each in properties(ireland, "AWS::EC2::LaunchTemplate")]
    for host in (each for each in templates if "ImageId" in each):
        assert host["MetadataOptions"]["HttpTokens"] == "required"
        assert "KeyName" not in host
    (group,) = [
        each
        for each in properties(ireland, "AWS::EC2::SecurityGroup")
        if each["GroupDescription"] == "Database telemetry-ie"
    ]
    assert {(rule["FromPort"], rule["ToPort"]) for rule in group["SecurityGroupIngress"]} == {(5432, 5432)}
    networks = {rule["CidrIp"] for rule in group["SecurityGroupIngress"]}
    assert networks == {"10.60.0.0/16", "10.70.0.0/16", "10.80.0.0/16"}, "its own region, and those that receive"


def test_each_host_is_set_up_when_it_changes_and_each_day(ireland: Template) -> None:
    associations = properties(ireland, "AWS::SSM::Association")
    assert {each["ScheduleExpression"] for each in associations} == {"rate(1 day)"}
    first, standby = (each["Parameters"] for each in associations)
    assert first["Follows"] == [""]
    assert standby["Follows"] == ["telemetry-ie.eu-west-1.database.fleet.example"]
    (document,) = properties(ireland, "AWS::SSM::Document")
    script = "\n".join(document["Content"]["mainSteps"][0]["inputs"]["runCommand"])
    assert script.endswith("lifeboat-postgres setup")
    assert script.count("{{") == 2, "Systems Manager puts in what stands in double braces, programs included"
    assert len(str(document["Content"])) < 64 * 1024, "a document is no longer than that"


def test_every_number_of_the_document_arrives_on_the_host(ireland: Template) -> None:
    (document,) = properties(ireland, "AWS::SSM::Document")
    script = "\n".join(document["Content"]["mainSteps"][0]["inputs"]["runCommand"])
    for line in (
        '"archive_seconds": 60',
        '"backup_hour": 1',
        '"kept_full_backups": 5',
        '"major_version": 18',
        '"timescaledb": true',
    ):
        assert line in script


def test_a_host_reads_its_own_passwords_and_writes_its_own_archive(ireland: Template) -> None:
    roles = {owner for owner, _ in statements(ireland) if "Access" in owner and "telemetry" in owner}
    told = [statement for owner, statement in statements(ireland) if owner in roles]
    secrets = [str(each["Resource"]) for each in told if "secretsmanager:GetSecretValue" in each["Action"]]
    assert len(secrets) == 1
    assert "telemetry-ie/owner" in secrets[0] and "telemetry-ie/replication" in secrets[0]
    assert "people" not in str(told)
    files = [each["Resource"] for each in told if "s3:PutObject" in each["Action"]]
    assert files == ["arn:aws:s3:::lifeboat-fleet-111122223333-eu-west-1/postgres/telemetry-ie/*"]


def test_nothing_that_identifies_a_person_is_copied_by_a_template(
    fleet: tuple[Topology, Infrastructure], ireland: Template
) -> None:
    """Of the databases that stay, what goes to another region is the password of the publisher, and nothing else."""
    assert all(not each.get("SourceDBInstanceIdentifier") for each in properties(ireland, "AWS::RDS::DBInstance"))
    replicated = {
        each["Name"]: [to["Region"] for to in each["ReplicaRegions"]]
        for each in properties(ireland, "AWS::SecretsManager::Secret")
        if each.get("ReplicaRegions")
    }
    assert replicated == {"lifeboat/fleet/telemetry-ie/publisher": [FRANCE, "ap-south-1"]}
    own = [key for key, value in anywhere(ireland) if key == "Bucket" and FRANCE in str(value)]
    assert own == []


def test_the_agent_logs_in_as_publisher_where_it_receives_from(ireland: Template) -> None:
    read = str(rights(ireland, "DatabaseAgent")["secretsmanager:GetSecretValue"])
    for database in ("telemetry-ie", "telemetry-fr", "telemetry-in"):
        assert f"lifeboat/fleet/{database}/publisher" in read
    assert "people-fr" not in read


def test_agents_know_a_server_by_the_name_that_leads_to_its_first_host(ireland: Template) -> None:
    names = Names(load_whole(ROOT / "topologies" / "fleet.yaml")[0])
    address = names.database_address("telemetry-ie", IRELAND)
    (record,) = [each for each in properties(ireland, "AWS::Route53::RecordSet") if each["Name"] == f"{address}."]
    assert (record["Type"], "FirstInterface" in str(record["ResourceRecords"])) == ("A", True)
    agent = next(
        each["Environment"]["Variables"]
        for each in properties(ireland, "AWS::Lambda::Function")
        if "database-agent" in each["FunctionName"]
    )
    assert f"{address}:5432" in str(agent["LIFEBOAT_ENDPOINTS"])


def test_a_copy_elsewhere_streams_from_where_the_database_was_born() -> None:
    follows = [each["Parameters"]["Follows"] for each in properties(streaming(EU), "AWS::SSM::Association")]
    assert follows == [
        ["orders.us-east-1.database.quickstart.example"],
        ["orders.eu-west-1.database.quickstart.example"],
    ]
    born = properties(streaming(US), "AWS::SecretsManager::Secret")
    assert {
        each["Name"]: [to["Region"] for to in each["ReplicaRegions"]] for each in born if "orders" in each["Name"]
    } == {f"lifeboat/quickstart/orders/{role}": [EU] for role in ("owner", "app_rw", "app_ro", "replication")}
    assert not [each for each in properties(streaming(EU), "AWS::SecretsManager::Secret") if "orders" in each["Name"]]


TOLD: dict[str, Any] = {
    "database": "telemetry-ie",
    "region": IRELAND,
    "major_version": 18,
    "timescaledb": True,
    "storage_gib": 1000,
    "networks": ["10.60.0.0/16"],
    "bucket": "b",
    "prefix": "postgres/telemetry-ie",
    "backup_hour": 3,
    "kept_full_backups": 5,
    "archive_seconds": 60,
}


def test_everybody_logs_in_over_tls_with_scram_and_from_the_products_networks() -> None:
    lines = files.access(TOLD).splitlines()
    assert lines[0] == "local all all peer"
    assert all(line.startswith("hostssl ") and line.endswith(" 10.60.0.0/16 scram-sha-256") for line in lines[1:])


def test_the_server_has_what_lifeboat_needs_of_one() -> None:
    told = dict(line.split(" = ", 1) for line in files.server_settings(TOLD).splitlines())
    assert told["wal_level"] == "logical"
    assert told["wal_log_hints"] == "on"
    assert told["max_prepared_transactions"] == "0"
    assert told["max_slot_wal_keep_size"] == "'102400MB'"
    assert told["archive_timeout"] == "'60s'"
    assert told["shared_preload_libraries"] == "'timescaledb'"
    assert "shared_preload_libraries" not in files.server_settings(TOLD | {"timescaledb": False})


def test_the_archive_goes_back_as_far_as_the_document_says() -> None:
    assert "repo1-retention-full=5\n" in files.backup_settings(TOLD)
    assert "0 3 * * 0 postgres pgbackrest --stanza=telemetry_ie --type=full backup" in files.schedule(TOLD)
