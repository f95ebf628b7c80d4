"""Hosts of one's own through stacks: an instance of the right name is a real server, with its program's logins."""

import json
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from failover.topology import Engine, Names
from tests.products import EU, US, quickstart
from tests.twin.postgres.stage import Cloud, Eventually
from twin.aws.hosts import PostgresHosts
from twin.network import AddressPlan

pytestmark = pytest.mark.twin

TOPOLOGY = quickstart(
    databases=(replace(quickstart().databases[0], engine=Engine.SELF_MANAGED_POSTGRES, replicas=(EU,)),)
)
NAMES = Names(TOPOLOGY)


def template(name: str) -> str:
    tags = [{"Key": "Name", "Value": name}]
    return json.dumps(
        {
            "Resources": {
                "Interface": {"Type": "AWS::EC2::NetworkInterface", "Properties": {"SubnetId": "s-1", "Tags": tags}},
                "Host": {"Type": "AWS::EC2::Instance", "Properties": {"Tags": tags}},
            },
            "Outputs": {"Address": {"Value": {"Fn::GetAtt": ["Interface", "PrimaryPrivateIpAddress"]}}},
        }
    )


@pytest.fixture
def hosts(cloud: Cloud) -> Iterator[PostgresHosts]:
    plan = AddressPlan.of(TOPOLOGY)
    with PostgresHosts(TOPOLOGY, plan, cloud.rds, lambda secret, _region: f"password of {secret}") as made:
        yield made


def deployed(cloud: Cloud, region: str, name: str, eventually: Eventually) -> str:
    """Create a stack of one host; returns the address that its template has."""
    client = cloud.client("cloudformation", region)
    client.create_stack(StackName=name, TemplateBody=template(name))

    def stack() -> dict[str, object]:
        found: dict[str, object] = client.describe_stacks(StackName=name)["Stacks"][0]
        return found

    eventually(lambda: not str(stack()["StackStatus"]).endswith("IN_PROGRESS"))
    told = stack()
    assert told["StackStatus"] == "CREATE_COMPLETE", told
    outputs = told["Outputs"]
    assert isinstance(outputs, list)
    return str(outputs[0]["OutputValue"])


def test_hosts_are_servers_that_stream_and_their_standby_is_only_written_down(
    cloud: Cloud, hosts: PostgresHosts, eventually: Eventually
) -> None:
    first, copy = NAMES.database_host("orders", US), NAMES.database_host("orders", EU)
    assert deployed(cloud, US, first, eventually).startswith("127.0.1.")
    assert deployed(cloud, EU, copy, eventually).startswith("127.0.2.")
    deployed(cloud, US, f"{first}-standby", eventually)
    writer, reader = cloud.rds.server(US, first), cloud.rds.server(EU, copy)
    with psycopg.connect(
        host=writer.address,
        port=writer.port,
        dbname="orders",
        user="lifeboat_owner",
        password=f"password of {NAMES.database_secret('orders')}",
        autocommit=True,
    ) as session:
        session.execute("create table numbers (n int); insert into numbers values (1)")
        for role in ("pg_create_subscription", "pg_monitor"):
            assert session.execute("select pg_has_role(%s, 'member')", (role,)).fetchone() == (True,)
        promotes = "select has_function_privilege('pg_promote(boolean, integer)', 'execute')"
        assert session.execute(promotes).fetchone() == (True,)
    assert reader.is_in_recovery()
    eventually(lambda: reader.positions().replayed >= writer.positions().received)
    with pytest.raises(Exception, match="no PostgreSQL server runs"):
        cloud.rds.server(US, f"{first}-standby")


def test_a_lost_region_takes_its_hosts_with_it(cloud: Cloud) -> None:
    server = cloud.rds.server(EU, NAMES.database_host("orders", EU))
    cloud.rds.region_down(EU)
    assert not server.running
    cloud.rds.region_up(EU)
    assert server.running
