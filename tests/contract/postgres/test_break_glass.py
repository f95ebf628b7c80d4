"""The SQL of docs/break-glass.md as it stands there, by psql, on real servers: nothing of Lifeboat but the gate."""

import importlib.util
import re
import subprocess
import time
from pathlib import Path

import psycopg
import pytest

from tests.contract.postgres.conftest import MASTER, Gated, refused
from tests.pages import block
from twin.postgres.programs import INSTALL, PACKAGE

pytestmark = pytest.mark.twin

FOUND = importlib.util.find_spec(PACKAGE)
assert FOUND is not None and FOUND.origin is not None
PSQL = Path(FOUND.origin).parent / INSTALL / "bin" / "psql"
INSERT = "insert into orders (what) values ('tea')"
CAUGHT_UP_SECONDS = 10.0
SHORT = "1 s"
"""In the place of the page's 60 s: a test waits past it."""


def ask(gated: Gated, said: str) -> list[list[str]]:
    """Say it to psql as the owner, statement by statement; returns what it answered, row by row."""
    server = gated.server
    address = f"host={server.address} port={server.port} dbname={gated.name} user={MASTER.user}"
    answered = subprocess.run(
        [str(PSQL), address, "-XqAt", "-v", "ON_ERROR_STOP=1"],
        input=said,
        env={"PGPASSWORD": MASTER.password},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert answered.returncode == 0, answered.stderr
    return [line.split("|") for line in answered.stdout.splitlines()]


def on_the_page(mark: str) -> str:
    return block("break-glass", mark).replace("60 s", SHORT)


def in_the_loop() -> str:
    found = re.search(r'-\w*c "(.*?)"', on_the_page("keep open"))
    assert found is not None
    return found[1]


@pytest.fixture
def gated(gated: Gated) -> Gated:
    """As a self-managed host grants it; on RDS and Aurora their API promotes."""
    gated.superuser().execute("grant execute on function pg_promote(boolean, integer) to master")
    return gated


def promoted(replica: Gated) -> None:
    ask(replica, on_the_page("promote"))
    assert ask(replica, on_the_page("promoted")) == [["f"]]


def test_a_fenced_writer_takes_no_writes_and_all_it_had_is_covered(gated: Gated, replica: Gated) -> None:
    gated.admit(seconds=60)
    app = gated.app()
    app.execute(INSERT)
    refusal, sessions, final = ask(gated, on_the_page("fence"))[-1]
    assert "it was fenced" in refusal
    assert sessions == "0"
    with pytest.raises(psycopg.OperationalError):
        app.execute(INSERT)
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        gated.app()
    with pytest.raises(psycopg.Error) as error:
        gated.owner().execute(INSERT)
    assert refused(error)
    until = time.monotonic() + CAUGHT_UP_SECONDS
    while int((seen := ask(replica, on_the_page("look"))[0])[1]) < int(final):
        assert time.monotonic() < until
    assert seen[0] == "t"


def test_no_guard_and_no_loop_opens_what_was_fenced(gated: Gated) -> None:
    gated.admit(seconds=60)
    ask(gated, on_the_page("fence"))
    with pytest.raises(AssertionError, match="only an admission opens this gate"):
        ask(gated, in_the_loop())


def test_a_promoted_copy_writes_on_past_one_admission_for_as_long_as_the_loop_runs(
    gated: Gated, replica: Gated
) -> None:
    gated.admit(seconds=60)
    gated.app().execute(INSERT)
    final = int(ask(gated, on_the_page("fence"))[-1][2])
    until = time.monotonic() + CAUGHT_UP_SECONDS
    while int(ask(replica, on_the_page("look"))[0][1]) < final:
        assert time.monotonic() < until
    promoted(replica)
    with pytest.raises(psycopg.Error) as error:
        replica.owner().execute(INSERT)
    assert refused(error)

    assert ask(replica, on_the_page("admit"))[-1] == [""]
    app = replica.app()
    for _ in range(4):
        app.execute(INSERT)
        time.sleep(0.5)
        ask(replica, in_the_loop())
    assert replica.count() == 5

    time.sleep(1.2)  # the loop has ended
    with pytest.raises(psycopg.Error, match="its lease has run out") as error:
        app.execute(INSERT)
    assert refused(error)
    ask(replica, in_the_loop())  # and begins again
    app.execute(INSERT)


def test_a_copy_is_promoted_when_the_old_writer_could_not_be_reached(gated: Gated, replica: Gated) -> None:
    gated.admit(seconds=1)
    gated.app().execute(INSERT)
    time.sleep(1.2)  # nobody extends: it closes by itself
    with pytest.raises(psycopg.Error) as error:
        gated.app().execute(INSERT)
    assert refused(error)
    promoted(replica)
    assert ask(replica, on_the_page("admit"))[-1] == [""]
    replica.app().execute(INSERT)
    with pytest.raises(psycopg.Error):
        gated.app().execute(INSERT)


def test_the_present_writer_is_kept_open_when_its_guards_are_broken(gated: Gated) -> None:
    gated.admit(epoch=4, seconds=1)
    app = gated.app()
    time.sleep(1.2)
    with pytest.raises(psycopg.Error):
        app.execute(INSERT)
    ask(gated, on_the_page("keep present"))
    app.execute(INSERT)
    assert gated.database.describe().gate_epoch == 4
