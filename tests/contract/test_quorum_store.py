"""What every quorum store promises."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from failover.adapters.memory.surroundings import NOON
from failover.errors import ChangedMeanwhileError
from failover.ports import QuorumStore
from failover.records import (
    Control,
    DatabaseRecord,
    Health,
    Incident,
    IncidentState,
    JournalEntry,
    LeaseRecord,
    LeaseSighting,
    LeaseState,
    Position,
    Vote,
    Word,
    WordKind,
)
from tests.products import EU, US

ORDERS = DatabaseRecord("orders", 1, US, 1, LeaseRecord(LeaseState.GRANTED, 1, (Position(42, 1767268800.25),)))
INCIDENT = Incident("us-east-1-2", US, EU, 1, IncidentState.OPEN, "R330", "down", NOON, "d1ge57", ("orders",))
VOTE = Vote(US, EU, Health.UNHEALTHY, "no answer", 7, 1, NOON, 3.5, ("a", "b"), (LeaseSighting("orders", 1, 4, 2.5),))


def test_a_new_store_has_no_incident(store: QuorumStore) -> None:
    assert store.control() == Control(version=0)
    assert store.votes() == ()
    assert store.journal() == ()


def test_initialising_twice_changes_nothing(store: QuorumStore) -> None:
    assert store.initialise([ORDERS])
    moved = store.change_database(ORDERS, replace(ORDERS, writer=EU, epoch=2))
    assert not store.initialise([ORDERS])
    assert store.database("orders") == moved


def test_an_unknown_database_is_a_key_error(store: QuorumStore) -> None:
    with pytest.raises(KeyError):
        store.database("invoices")


def test_what_was_written_is_read_back_whole(store: QuorumStore) -> None:
    store.initialise([ORDERS])
    seen = store.control()
    after = store.change_control(seen, replace(seen, incident=INCIDENT, evacuated={US: "us-east-1-2"}, term=1))
    assert store.control() == after
    assert after.version == seen.version + 1
    assert store.database("orders") == ORDERS


def test_of_two_who_read_the_same_only_one_writes(store: QuorumStore) -> None:
    store.initialise([ORDERS])
    seen = store.control()
    store.change_control(seen, replace(seen, term=1))
    with pytest.raises(ChangedMeanwhileError):
        store.change_control(seen, replace(seen, term=2))
    assert store.control().term == 1


def test_of_many_at_the_same_moment_one_wins(store: QuorumStore) -> None:
    store.initialise([ORDERS])
    seen = store.database("orders")

    def attempt(epoch: int) -> bool:
        try:
            store.change_database(seen, replace(seen, epoch=epoch))
        except ChangedMeanwhileError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        won = list(threads.map(attempt, range(2, 10)))
    assert won.count(True) == 1
    assert store.database("orders").epoch == 2 + won.index(True)


def test_a_later_vote_of_the_same_run_replaces_the_earlier(store: QuorumStore) -> None:
    store.cast(VOTE)
    store.cast(replace(VOTE, sequence=2, health=Health.HEALTHY))
    assert [(vote.sequence, vote.health) for vote in store.votes()] == [(2, Health.HEALTHY)]


def test_a_vote_that_was_long_under_way_does_not_replace_a_later_one(store: QuorumStore) -> None:
    later = replace(VOTE, sequence=2, health=Health.HEALTHY)
    store.cast(later)
    with pytest.raises(ChangedMeanwhileError):
        store.cast(VOTE)
    assert store.votes() == (later,)


def test_the_same_vote_again_is_no_other_vote(store: QuorumStore) -> None:
    store.cast(VOTE)
    store.cast(VOTE)
    assert store.votes() == (VOTE,)


def test_a_new_run_counts_its_votes_anew(store: QuorumStore) -> None:
    store.cast(replace(VOTE, sequence=900))
    store.cast(replace(VOTE, run=8))
    assert store.votes() == (replace(VOTE, run=8),)


def test_a_newer_run_silences_the_older(store: QuorumStore) -> None:
    store.cast(replace(VOTE, run=8))
    with pytest.raises(ChangedMeanwhileError):
        store.cast(VOTE)
    assert store.votes() == (replace(VOTE, run=8),)


def test_observers_vote_beside_each_other(store: QuorumStore) -> None:
    store.cast(VOTE)
    store.cast(replace(VOTE, observer="ap-southeast-1", leases=()))
    assert {vote.observer for vote in store.votes()} == {EU, "ap-southeast-1"}


def test_what_is_listed_is_what_is_there_now(store: QuorumStore) -> None:
    for sequence in (1, 2, 3):
        store.cast(replace(VOTE, sequence=sequence))
        assert [vote.sequence for vote in store.votes()] == [sequence]


def test_a_word_is_kept_until_it_is_withdrawn(store: QuorumStore) -> None:
    given = Word(WordKind.CONSENT, "orders", "on call", "the region is gone", NOON, NOON + timedelta(hours=1))
    store.say(given)
    assert store.word(WordKind.CONSENT, "orders") == given
    store.withdraw(WordKind.CONSENT, "orders")
    store.withdraw(WordKind.CONSENT, "orders")
    assert store.word(WordKind.CONSENT, "orders") is None


def test_words_of_one_kind_about_one_thing_replace_each_other_and_no_others(store: QuorumStore) -> None:
    until = NOON + timedelta(hours=1)
    first = Word(WordKind.ACKNOWLEDGED, "us-east-1", "on call", "known", NOON, until)
    again = replace(first, reason="still")
    other = replace(first, kind=WordKind.DEPLOYING)
    for each in (first, other, again):
        store.say(each)
    assert sorted(store.words(), key=lambda word: word.kind) == [again, other]


def test_the_journal_keeps_the_order_of_time(store: QuorumStore) -> None:
    later, earlier = (JournalEntry(NOON.replace(second=second), EU, "STEP", str(second)) for second in (9, 3))
    store.append(later)
    store.append(earlier)
    assert [entry.text for entry in store.journal()] == ["3", "9"]


def test_the_journal_is_read_from_a_moment_on(store: QuorumStore) -> None:
    for second in (3, 9, 27):
        store.append(JournalEntry(NOON.replace(second=second), EU, "STEP", str(second)))
    assert [entry.text for entry in store.journal(NOON.replace(second=9))] == ["9", "27"]
    assert [entry.text for entry in store.journal(NOON.replace(second=9, microsecond=1))] == ["27"]
    assert store.journal(NOON.replace(second=28)) == ()
