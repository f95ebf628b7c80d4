"""How long a lease has been seen unrenewed: never longer than it really is."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from failover.observation import LeaseWatch
from failover.records import DatabaseRecord, LeaseRecord, LeaseSighting, LeaseState
from tests.products import US

ORDERS = DatabaseRecord("orders", 1, US, 1, LeaseRecord(LeaseState.GRANTED, 1))


def renewed(renewal: int, epoch: int = 1) -> DatabaseRecord:
    return replace(ORDERS, epoch=epoch, lease=replace(ORDERS.lease, renewal=renewal))


def test_the_clock_starts_when_a_renewal_is_first_seen() -> None:
    watch = LeaseWatch()
    watch.saw(renewed(4), 10.0)
    watch.saw(renewed(4), 15.0)
    assert watch.sightings(17.5) == (LeaseSighting("orders", 1, 4, 7.5),)


def test_a_new_renewal_or_epoch_starts_it_again() -> None:
    watch = LeaseWatch()
    watch.saw(renewed(4), 10.0)
    watch.saw(renewed(5), 15.0)
    assert watch.sightings(16.0) == (LeaseSighting("orders", 1, 5, 1.0),)
    watch.saw(renewed(5, epoch=2), 20.0)
    assert watch.sightings(20.0) == (LeaseSighting("orders", 2, 5, 0.0),)


def test_databases_are_watched_beside_each_other() -> None:
    watch = LeaseWatch()
    watch.saw(renewed(4), 10.0)
    watch.saw(replace(renewed(9), name="invoices"), 11.0)
    watch.saw(renewed(5), 12.0)
    assert [each.database for each in watch.sightings(13.0)] == ["invoices", "orders"]
    assert watch.sightings(13.0)[0].unrenewed_seconds == 2.0


def test_an_earlier_runs_sighting_of_the_same_renewal_is_taken_over() -> None:
    watch = LeaseWatch()
    watch.saw(renewed(4), 100.0)
    watch.continuing((LeaseSighting("orders", 1, 4, 12.0), LeaseSighting("orders", 1, 3, 99.0)), 101.0)
    assert watch.sightings(102.0) == (LeaseSighting("orders", 1, 4, 13.0),)


def test_a_shorter_sighting_takes_nothing_away() -> None:
    watch = LeaseWatch()
    watch.saw(renewed(4), 100.0)
    watch.continuing((LeaseSighting("orders", 1, 4, 0.5),), 110.0)
    assert watch.sightings(110.0) == (LeaseSighting("orders", 1, 4, 10.0),)


moments = st.tuples(st.floats(0, 8), st.floats(0, 3), st.sampled_from(["renew", "look", "next run", "admit"]))


@given(st.lists(moments, max_size=40))
def test_it_is_never_longer_than_the_time_since_the_renewal(moves: list[tuple[float, float, str]]) -> None:
    """Each answer of the store takes a while; runs end, and the next takes over what was voted before it began."""
    now, record, renewed_at = 0.0, ORDERS, 0.0
    watch = LeaseWatch()
    voted: tuple[LeaseSighting, ...] = ()
    for passes, answer_takes, move in moves:
        now += passes
        if move == "renew":
            record, renewed_at = renewed(record.lease.renewal + 1, record.epoch), now
        elif move == "admit":
            record, renewed_at = renewed(record.lease.renewal + 1, record.epoch + 1), now
        elif move == "look":
            now += answer_takes
            watch.saw(record, now)
            voted = watch.sightings(now)
        else:
            watch = LeaseWatch()
            watch.saw(record, now + answer_takes)
            now += answer_takes
            watch.continuing(voted, now)
        for each in watch.sightings(now):
            if (each.epoch, each.renewal) == (record.epoch, record.lease.renewal):
                assert each.unrenewed_seconds <= now - renewed_at + 0.001
