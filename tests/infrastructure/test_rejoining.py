"""Who may keep a tail, who may rebuild a copy, and that nobody may delete one."""

import pytest

from failover.topology import Names
from tests.infrastructure.assembly import Assembly
from tests.infrastructure.templates import Template, functions, functions_allowed, properties, rights

HERE = "us-east-1"


@pytest.fixture(scope="module")
def control(assembly: Assembly) -> Template:
    return assembly.template("control", HERE)


@pytest.fixture(scope="module")
def regional(assembly: Assembly) -> Template:
    return assembly.template("regional", HERE)


@pytest.mark.parametrize("action", ["rds:ModifyDBInstance", "rds:CreateDBInstanceReadReplica"])
def test_who_rejoins_a_copy_and_who_asks_again_may_rebuild_one(assembly: Assembly, action: str) -> None:
    allowed = {name for template in assembly.templates.values() for name in functions_allowed(template, action)}
    assert allowed == {"RejoinDatabase", "AwaitReplica"}


@pytest.mark.parametrize("action", ["rds:DeleteDBInstance", "rds:RebootDBInstance", "s3:DeleteObject"])
def test_no_function_may_take_anything_away(assembly: Assembly, action: str) -> None:
    for template in assembly.templates.values():
        assert functions_allowed(template, action) <= {"Replicate"}


def test_a_rebuilt_copy_is_one_of_the_topologys_and_the_kept_one_has_its_name(control: Template, names: Names) -> None:
    copies = {
        names.db_instance_arn(database.name, region)
        for database in names.topology.databases
        for region in database.regions
    }
    renamed = set(rights(control, "RejoinDatabase")["rds:ModifyDBInstance"])
    assert renamed == copies | {f"{copy}-before-*" for copy in copies}
    kept = names.db_instance_before("orders", HERE, 2)
    assert any(kept.startswith(each.rpartition(":")[2].rstrip("*")) for each in renamed - copies)


def test_the_agent_writes_tails_into_its_own_regions_bucket_and_reads_none(regional: Template, names: Names) -> None:
    agent = rights(regional, "DatabaseAgent")
    assert agent["s3:PutObject"] == [f"arn:aws:s3:::{names.bucket(HERE)}/tails/orders/*"]
    assert not [action for action in agent if action.startswith("s3:") and action != "s3:PutObject"]
    told = functions(regional)["DatabaseAgent"]["Environment"]["Variables"]["LIFEBOAT_BUCKET"]
    assert told == names.bucket(HERE)


def test_wal_is_held_for_a_replica_that_is_away_up_to_a_tenth_of_the_disk(regional: Template, names: Names) -> None:
    (parameters,) = [each["Parameters"] for each in properties(regional, "AWS::RDS::DBParameterGroup")]
    assert int(parameters["max_slot_wal_keep_size"]) == names.topology.database("orders").storage_gib * 1024 // 10
    assert parameters["rds.logical_replication"] == "1"


def test_the_step_that_keeps_a_tail_has_the_time_for_it(control: Template) -> None:
    assert functions(control)["ArchiveTail"]["Timeout"] > 60 + 40
