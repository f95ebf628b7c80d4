"""What never moves has no gate: the application writes by its role alone, and asks nobody for a lease."""

import psycopg
import pytest

from failover.adapters.postgres import Address
from failover.adapters.postgres.ungated import UngatedDatabase
from tests.contract.postgres.conftest import Gated
from twin.postgres import Server

pytestmark = pytest.mark.twin


@pytest.fixture
def at_home(gated: Gated) -> Gated:
    """The same database before any gate was installed in it."""
    gated.superuser().execute("drop schema lifeboat cascade")
    return gated


def database(gated: Gated, server: Server) -> UngatedDatabase:
    return UngatedDatabase(Address(server.address, server.port, "master", "master-secret", gated.name), gated.roles)


def test_the_application_writes_without_a_lease(at_home: Gated, server: Server) -> None:
    for _ in range(2):
        state = database(at_home, server).install()
    assert (state.gate_epoch, state.gate_open, state.in_recovery) == (0, False, False)
    at_home.app().execute("insert into orders (what) values ('at home')")
    assert at_home.count() == 1
    at_home.owner().execute("create table later (id int)")
    at_home.app().execute("insert into later values (1)")


def test_who_only_reads_cannot_write(at_home: Gated, server: Server) -> None:
    database(at_home, server).install()
    reader = at_home.connect("app_ro", "ro-secret")
    assert reader.execute("select count(*) from orders").fetchone() == (0,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute("insert into orders (what) values ('no')")
