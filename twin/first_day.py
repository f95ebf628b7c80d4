"""The first day of a deployed topology: gates, first writers, services, and everybody seen healthy."""

import json
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import boto3
from psycopg import sql

from failover.adapters.aws.clients import client
from failover.errors import DatabaseUnreachableError
from failover.ports import QuorumStore
from failover.procedures import operating
from failover.procedures.initialising import initialise
from failover.records import Health
from failover.topology import DatasetKind, Topology
from twin.errors import TwinError
from twin.workload.tables import create_tables

if TYPE_CHECKING:
    from twin.twin import Twin

READY_SECONDS: Final = 240.0
POLL_SECONDS: Final = 0.25


class NotReadyError(TwinError):
    """The twin did not become healthy in time; the message says what is still missing."""


def begin(twin: "Twin") -> None:
    """Install, admit, start the services and wait until every observer sees every region healthy.

    Raises:
        NotReadyError: a part of it took more than four minutes.
    """
    client.cache_clear()
    topology = twin.topology
    for database in topology.databases:
        identifier = twin.names.db_instance(database.name, database.born_primary)
        with twin.rds.server(database.born_primary, identifier).connect(database.name.replace("-", "_")) as connection:
            connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(login(twin, database.name, "owner")[0])))
            create_tables(connection)
    # Until the services run every region is down, and a scenario's dwell may be shorter than their start: the pause
    # stands before there is anything to fail over.
    twin.operator.store.initialise([])
    operating.pause(twin.operator, "twin", "the services start", timedelta(seconds=READY_SECONDS))
    _initialise(twin)
    twin.start_services()
    _wait_for_health(twin, twin.operator.store)
    operating.resume(twin.operator, "twin")


def _initialise(twin: "Twin") -> None:
    """As an operator does it: again, as long as an agent does not answer. All functions of all regions start now."""
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            initialise(twin.operator, twin.topology)
        except DatabaseUnreachableError as exc:
            if time.monotonic() > deadline:
                raise NotReadyError(f"not initialised after {READY_SECONDS:.0f} s: {exc}") from exc
            time.sleep(POLL_SECONDS)
        else:
            return


def login(twin: "Twin", database: str, role: str) -> tuple[str, str]:
    """Return the user and password that the deployment made for a role of a database."""
    if at_sites := twin.sites.login(database, role):
        return at_sites
    names = twin.names
    secret = names.database_secret(database) if role == "owner" else names.application_secret(database, role)
    region = twin.topology.database(database).born_primary
    document = _secret(secret, region)
    return document["username"], document["password"]


def secret_of(secret: str, region: str) -> str:
    """Return the password in a secret of a region."""
    return _secret(secret, region)["password"]


def _secret(secret: str, region: str) -> dict[str, str]:
    told = boto3.client("secretsmanager", region_name=region).get_secret_value(SecretId=secret)["SecretString"]
    document: dict[str, str] = json.loads(told)
    return document


def _wait_for_health(twin: "Twin", store: QuorumStore) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while missing := _missing(twin, twin.topology, store):
        if time.monotonic() > deadline:
            raise NotReadyError(f"not healthy after {READY_SECONDS:.0f} s: {'; '.join(missing)}")
        time.sleep(POLL_SECONDS)


def _missing(twin: "Twin", topology: Topology, store: QuorumStore) -> list[str]:
    seen = {(vote.observer, vote.subject) for vote in store.votes() if vote.health is Health.HEALTHY}
    wanted = {
        (observer, subject)
        for observer in topology.control_regions
        for subject in topology.region_names
        if observer != subject
    }
    missing = [f"{observer} does not see {subject} healthy" for observer, subject in sorted(wanted - seen)]
    for database in topology.databases:
        if database.kind is DatasetKind.SINGLE and store.database(database.name).lease.renewal < 3:
            missing.append(f"the guard of {database.name} has not renewed yet")
    unhealthy = [check for check in twin.dns.subjects() if not twin.dns.health.healthy(check)]
    return missing + [f"health check {check} is unhealthy" for check in unhealthy]
