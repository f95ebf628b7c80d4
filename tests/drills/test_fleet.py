"""Vehicles in three countries, on the twin: what the loss of a country's region takes away, and what of it stays."""

import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPSConnection
from pathlib import Path
from typing import Final

import pytest

from rehearsal.form import Load
from rehearsal.form import faults as form
from topology_document import load_whole
from twin.chronicling import Recorder
from twin.faults import Faults
from twin.twin import Twin
from twin.workload.clients import Clients

ROOT = Path(__file__).parents[2]
LIFEBOAT = Path(sys.executable).parent / "lifeboat"
FLEET = ROOT / "topologies" / "fleet.yaml"
IRELAND, FRANCE, INDIA = "eu-west-1", "eu-west-3", "ap-south-1"
TELEMETRY: Final = {IRELAND: "telemetry-ie", FRANCE: "telemetry-fr", INDIA: "telemetry-in"}
TTL_SECONDS, LOOK_SECONDS = 20.0, 10.0

pytestmark = [
    pytest.mark.twin,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    # Servers that a lost region takes with it are killed and not closed.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

TABLES = """
create table readings (vin text, plate text, driver text, latitude numeric, longitude numeric,
    pseudonym text not null, taken_at bigint not null, square text, speed_kmh int, battery_percent int,
    fault_code text, consented boolean not null);
create table shared_readings (home text not null, pseudonym text not null, taken_at bigint not null, square text,
    speed_kmh int, battery_percent int, fault_code text, consented boolean not null,
    primary key (home, pseudonym, taken_at))
"""


@dataclass
class Fleet:
    """The product on the twin, its clients, and each region's telemetry."""

    twin: Twin
    clients: Clients
    recorder: Recorder
    faults: Faults

    def run(self, region: str, statement: str) -> list[tuple[object, ...]]:
        name = TELEMETRY[region]
        server = self.twin.rds.server(region, self.twin.names.database_host(name, region))
        with server.connect(name.replace("-", "_")) as session:
            session.execute("set role lifeboat_owner")
            done = session.execute(statement.encode())
            return done.fetchall() if done.description else []

    def drive(self, region: str, taken_at: int, *, consented: bool = True) -> None:
        self.run(
            region,
            f"insert into readings values ('VIN-{region}', 'PLATE-{region}', 'DRIVER-{region}', 53.1, -6.2, 'a1', "
            f"{taken_at}, '53N006W', 50, 80, null, {consented})",
        )

    def shared(self, here: str, of: str) -> list[object]:
        found = self.run(here, f"select taken_at from shared_readings where home = '{of}' order by 1")
        return [row[0] for row in found]

    def publications(self, verb: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(LIFEBOAT), "publications", verb, "--topology", str(FLEET)],
            env={"PATH": str(LIFEBOAT.parent), "POWERTOOLS_TRACE_DISABLED": "true", **self.twin.environment()},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def everything(self, region: str) -> str:
        """All rows of all tables of all databases that stand in a region, as text."""
        text = ""
        for database in self.twin.topology.databases:
            if database.born_primary == region:
                server = self.twin.rds.server(region, self.twin.names.db_instance(database.name, region))
                with server.connect(database.name.replace("-", "_")) as session:
                    for (table,) in session.execute(
                        "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace "
                        "where c.relkind = 'r' and n.nspname not like 'pg%' and n.nspname <> 'information_schema'"
                    ).fetchall():
                        text += str(session.execute(f"select t::text from {table} t".encode()).fetchall())
        return text

    def page(self, name: str) -> tuple[int, str]:
        """What a browser reads at a name's edge."""
        connection = HTTPSConnection(name, context=ssl.create_default_context(cafile=str(self.twin.authority.file)))
        near = (self.twin.plan.edge, self.twin.plan.ports.https)
        import socket

        connection.sock = connection._context.wrap_socket(  # type: ignore[attr-defined]
            socket.create_connection(near, 5.0), server_hostname=name
        )
        connection.request("GET", "/", headers={"Accept": "text/html"})
        answer = connection.getresponse()
        try:
            return answer.status, answer.read().decode()
        finally:
            connection.close()


def until(holds: Callable[[], object], seconds: float, what: str) -> float:
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, f"{what}: not within {seconds:g} s"
        time.sleep(0.1)
    return time.monotonic() - began


@pytest.fixture(scope="module")
def fleet() -> Iterator[Fleet]:
    with Twin(*load_whole(FLEET)) as twin:
        began = time.monotonic()
        clients = Clients(
            twin.topology,
            twin.plan,
            twin.topology.region_names,
            Load(writes_per_second=1.0),
            twin.authority.file,
            now=lambda: time.monotonic() - began,
            between=twin.network.between,
        )
        made = Fleet(twin, clients, Recorder(twin), Faults(twin))
        clients.start()
        try:
            yield made
        finally:
            clients.stop()
            made.faults.close()


def test_a_countrys_loss_is_a_notice_there_and_nothing_elsewhere(fleet: Fleet) -> None:
    """One play: telemetry is shared, a country is lost, its users read why, its readings stay; then it is back."""
    regions = fleet.twin.topology.region_names
    for region in regions:
        fleet.run(region, TABLES)
        fleet.drive(region, 1)
        fleet.drive(region, 2, consented=False)
    installed = fleet.publications("install")
    assert installed.returncode == 0, installed.stderr + installed.stdout
    for region in regions:
        fleet.drive(region, 3)
    for here in regions:
        for of in regions:
            until(lambda here=here, of=of: fleet.shared(here, of) == [3], 60, f"readings of {of} in {here}")  # type: ignore[misc]
    checked = fleet.publications("check")
    assert checked.returncode == 0, checked.stderr

    fleet.faults.apply(form.RegionDown(region=FRANCE))
    told = until(lambda: fleet.recorder.answers(FRANCE) == ("notice",), 3 * LOOK_SECONDS + 25, "the notice")
    until(lambda: fleet.clients.latest(FRANCE).reached == "notice", TTL_SECONDS + 10, "the notice at its users")
    assert told <= 3 * LOOK_SECONDS + 20
    status, text = fleet.page("fr.fleet.example")
    assert status == 503
    assert 'lang="fr"' in text and "restent en France" in text
    for region in (IRELAND, INDIA):
        assert fleet.recorder.answers(region) == (region,)
        assert fleet.shared(region, FRANCE) == [3], "what the lost region has measured stays readable"
        for other in {*regions} - {region}:
            for personal in ("VIN-", "PLATE-", "DRIVER-"):
                assert f"{personal}{other}" not in fleet.everything(region)
    assert not [
        write for write in fleet.clients.writes() if write.group == FRANCE and write.committed_in not in (None, FRANCE)
    ]
    assert fleet.publications("check").returncode == 1, "a region that does not answer is told"

    fleet.faults.heal(form.RegionDown(region=FRANCE))
    until(lambda: fleet.recorder.answers(FRANCE) == (FRANCE,), 90, "the way back")
    fleet.drive(IRELAND, 4)
    fleet.drive(FRANCE, 4)
    until(lambda: fleet.shared(FRANCE, IRELAND) == [3, 4], 90, "what was measured meanwhile")
    until(lambda: fleet.shared(IRELAND, FRANCE) == [3, 4], 90, "what is measured since")
