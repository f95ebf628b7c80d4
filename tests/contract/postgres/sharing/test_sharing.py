"""Two regions share what their vehicles measured; who drove them is told to nobody, on no way."""

import psycopg
import pytest

from failover.adapters.postgres.sharing import PUBLISHER
from tests.contract.postgres.sharing.conftest import SECRET, Country, Pair, until

pytestmark = pytest.mark.twin


def nothing_personal_left(pair: Pair) -> None:
    """Neither in a table of the other region nor in a byte that was sent to it."""
    assert b"vehicle-eu-west-1" in pair.ireland.wire.heard, "the wire heard nothing"
    for here, other in ((pair.ireland, pair.france), (pair.france, pair.ireland)):
        assert here.personal() <= {f"Driver-of-{here.end.region}", f"PLATE-{here.end.region}"}
        for secret in (b"Driver-of-", b"PLATE-", b"BADGE-"):
            assert secret not in here.wire.heard, f"{secret!r} went from {here.end.region} to {other.end.region}"


def test_what_was_there_and_what_comes_is_shared_both_ways_and_nothing_personal_leaves(pair: Pair) -> None:
    for country in (pair.ireland, pair.france):
        country.drive(1)
        country.drive(2, shared=False)
    pair.install()
    until(lambda: pair.ireland.rows(pair.france) == [1] == pair.france.rows(pair.ireland), "the first copy")
    for country in (pair.ireland, pair.france):
        country.drive(3)
    until(lambda: pair.ireland.rows(pair.france) == [1, 3] == pair.france.rows(pair.ireland), "the stream")
    assert pair.ireland.rows(pair.ireland) == [1, 2, 3]
    assert pair.wrong() == []
    nothing_personal_left(pair)


def test_nothing_goes_round(pair: Pair) -> None:
    """Neither does a row come back to where it was made, nor is it sent on as one of another region."""
    pair.install()
    pair.ireland.drive(1)
    until(lambda: pair.france.rows(pair.ireland) == [1])
    pair.ireland.run("update readings set speed = 60")
    until(lambda: pair.france.run("select speed from readings") == [(60,)])
    pair.france.drive(1)
    until(lambda: pair.ireland.rows(pair.france) == [1])
    assert b"vehicle-eu-west-1" not in pair.france.wire.heard
    assert _failures(pair.ireland) == _failures(pair.france) == 0


def test_a_row_that_is_changed_comes_and_goes_with_the_filter(pair: Pair) -> None:
    pair.ireland.drive(1, shared=False)
    pair.install()
    pair.ireland.drive(2, shared=True)
    until(lambda: pair.france.rows(pair.ireland) == [2])
    pair.ireland.run("update readings set shared = true where taken_at = 1")
    until(lambda: pair.france.rows(pair.ireland) == [1, 2], "the row that came to be shared")
    pair.ireland.run("update readings set shared = false where taken_at = 2")
    until(lambda: pair.france.rows(pair.ireland) == [1], "the row that is not shared any more")
    pair.ireland.run("delete from readings where taken_at = 1")
    until(lambda: pair.france.rows(pair.ireland) == [])
    nothing_personal_left(pair)


def test_a_column_that_is_added_later_stays(pair: Pair) -> None:
    pair.install()
    pair.ireland.run("alter table readings add column badge text")
    pair.ireland.drive(1)
    pair.ireland.run("update readings set badge = 'BADGE-1'")
    pair.ireland.drive(2)
    until(lambda: pair.france.rows(pair.ireland) == [1, 2])
    nothing_personal_left(pair)
    told = pair.ireland.sharing.look(pair.sharing)
    assert told.wrong == ()
    assert "badge of public.readings is neither published nor personal: it stays here" in told.noted


def test_an_emptied_table_empties_nobody_elses(pair: Pair) -> None:
    pair.install()
    pair.france.drive(1)
    until(lambda: pair.ireland.rows(pair.france) == [1])
    pair.france.run("truncate readings")
    pair.france.drive(2)
    until(lambda: pair.ireland.rows(pair.france) == [1, 2])


def test_the_publishers_login_may_read_what_is_published_and_nothing_else(pair: Pair) -> None:
    """The first copy reads as this login, so that this wall stands behind the publication's."""
    pair.install()
    pair.ireland.drive(1)
    server = pair.ireland.server
    with psycopg.connect(
        host=server.address, port=server.port, user=PUBLISHER, password=SECRET, dbname=pair.ireland.name
    ) as session:
        assert session.execute("select speed from readings").fetchall() == [(50,)]
        for query in (
            "select plate from readings",
            "select * from readings",
            "select 1 from readings where driver = 'x'",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute(query)
            session.rollback()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute("update readings set speed = 1")


def test_a_lost_regions_readings_stay_readable_elsewhere_and_go_on_when_it_is_back(pair: Pair) -> None:
    pair.install()
    pair.ireland.drive(1)
    until(lambda: pair.france.rows(pair.ireland) == [1])
    until(pair.settled, "the end of the first copies")
    pair.ireland.server.kill()
    assert pair.france.rows(pair.ireland) == [1]
    pair.france.drive(1)
    told = pair.france.sharing.look(pair.sharing)
    assert told.wrong == ()
    pair.ireland.server.start()
    pair.ireland.drive(2)
    until(lambda: pair.france.rows(pair.ireland) == [1, 2], "what was made after the return")
    until(lambda: pair.ireland.rows(pair.france) == [1], "what was made meanwhile")
    nothing_personal_left(pair)


def test_installing_again_changes_nothing(pair: Pair) -> None:
    pair.install()
    pair.ireland.drive(1)
    until(lambda: pair.france.rows(pair.ireland) == [1])
    pair.install()
    pair.ireland.drive(2)
    until(lambda: pair.france.rows(pair.ireland) == [1, 2])
    assert _failures(pair.ireland) == _failures(pair.france) == 0
    assert pair.wrong() == []


def _failures(country: Country) -> int:
    (row,) = country.run(
        "select coalesce(sum(apply_error_count + sync_error_count), 0) from pg_stat_subscription_stats"
    )
    return int(str(row[0]))
