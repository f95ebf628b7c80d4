"""What no row of the table may ever say, over snapshots that nobody thought of."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from failover.adapters.memory.surroundings import NOON
from failover.decision import Action, Candidate, Quorum, Room, Snapshot, decide, quorum_on
from failover.records import Control, Health, IncidentSighting, Pause, Word, WordKind
from failover.topology import Automation, Maintenance
from tests.products import AP, EU, US
from tests.unit.decision.snapshots import WRITE, incident, policy, said, snapshot, vote

ACTING = (Action.ASK, Action.FAIL_OVER, Action.FAIL_OVER_DATABASE)
PAUSED = Pause("by hand", NOON + timedelta(days=1))

sightings = st.builds(
    IncidentSighting, st.sampled_from(["us-east-1-2", "us-east-1-1"]), st.integers(1, 2), st.just(5), st.floats(0, 100)
)
votes = st.lists(
    st.builds(
        vote,
        observer=st.sampled_from([US, EU, AP]),
        health=st.sampled_from([Health.UNHEALTHY, Health.UNHEALTHY, *Health]),
        subject=st.sampled_from([US, US, US, AP]),
        unhealthy_seconds=st.sampled_from([12.0, 60.0, 1e4, 0.0, 11.9]),
        observed_at=st.sampled_from([0, 0, 0, 19, -19, 21, -21]).map(lambda late: NOON + timedelta(seconds=late)),
        seen=st.sampled_from([("a", "b"), ("a", "b"), ()]),
        faults=st.sampled_from([(), WRITE, ("application",), ("database_read",), ("database_write:passports", "slow")]),
        flaps=st.integers(0, 5),
        incident=st.none() | sightings,
    ),
    max_size=6,
    unique_by=lambda each: (each.observer, each.subject),
).map(tuple)
controls = st.builds(
    Control,
    version=st.integers(0, 9),
    evacuated=st.sampled_from([{}, {}, {AP: "x"}, {US: "x"}, {EU: "x", AP: "x"}]),
    last_failover_at=st.sampled_from([None, None, NOON]),
    incident=st.none()
    | st.none()
    | st.builds(
        incident,
        machine=st.sampled_from(["failover", "failback"]),
        owner=st.sampled_from([EU, AP]),
        execution=st.sampled_from([None, "one"]),
    ),
)
candidates = st.lists(
    st.builds(
        Candidate, st.sampled_from([EU, AP]), st.none() | st.floats(0, 1e4), st.sampled_from(["", "unreachable"])
    ),
    max_size=2,
    unique_by=lambda each: each.region,
).map(lambda found: {"orders": tuple(found)})
words = st.lists(
    st.builds(
        Word,
        kind=st.sampled_from([each for each in WordKind if each is not WordKind.ADVISORY]),
        about=st.sampled_from([US, EU, "orders"]),
        by=st.just("somebody"),
        reason=st.just(""),
        at=st.just(NOON),
        until=st.sampled_from([NOON, NOON + timedelta(hours=1)]),
        refuses=st.booleans(),
    ),
    max_size=4,
).map(tuple)
topologies = st.builds(
    policy,
    automation=st.sampled_from([Automation.AUTOMATIC, *Automation]),
    maintenance=st.sampled_from([(), (), (Maintenance("thursday", "12:00", 30, US),)]),
)
rooms = st.none() | st.dictionaries(
    st.sampled_from([EU, AP]), st.builds(Room, st.integers(0, 6), st.integers(0, 6)), max_size=2
)
snapshots = st.builds(
    snapshot,
    votes=votes,
    control=controls,
    candidates=candidates,
    words=words,
    topology=topologies,
    capacity=rooms,
)


@given(snapshots)
def test_without_quorum_nothing_is_failed_over(drawn: Snapshot) -> None:
    if quorum_on(drawn.topology, drawn.votes, US, NOON) is not Quorum.DOWN:
        assert decide(drawn, NOON).action not in ACTING


@given(snapshots)
def test_the_subject_itself_the_blind_and_the_unknown_have_no_voice(drawn: Snapshot) -> None:
    """Of what it sees of the executor, this observer is the only one that tells, and not when it is blind."""
    heard = tuple(
        each
        for each in drawn.votes
        if each.observer != each.subject and each.seen and (each.health is not Health.UNKNOWN or each.observer == EU)
    )
    assert decide(drawn, NOON) == decide(replace(drawn, votes=heard), NOON)


@given(snapshots)
def test_a_pause_wins_over_all_but_going_on_with_what_is_begun(drawn: Snapshot) -> None:
    paused = replace(drawn, control=replace(drawn.control, pause=PAUSED))
    assert decide(paused, NOON).action in (Action.HOLD, Action.RESUME, Action.TAKE_OVER)


@given(snapshots)
def test_an_acknowledged_region_is_left_to_who_acknowledged_it(drawn: Snapshot) -> None:
    known = replace(drawn, words=(*drawn.words, *said(WordKind.ACKNOWLEDGED)))
    assert decide(known, NOON).action not in ACTING


@given(snapshots)
def test_what_aws_says_of_a_region_fails_nothing_over_and_stops_nothing(drawn: Snapshot) -> None:
    advised = replace(drawn, words=(*drawn.words, *said(WordKind.ADVISORY)))
    before, after = decide(drawn, NOON), decide(advised, NOON)
    assert before == after or (before.rule, after.rule) == ("R230", "R235")


@given(snapshots)
def test_an_incident_is_taken_over_on_this_observers_own_word_alone(drawn: Snapshot) -> None:
    others = tuple(each if each.observer != EU else replace(each, incident=None) for each in drawn.votes)
    assert decide(replace(drawn, votes=others), NOON).action is not Action.TAKE_OVER
    assert decide(replace(drawn, votes=()), NOON).action is not Action.TAKE_OVER


@given(snapshots)
def test_unknown_loss_is_never_taken_for_none(drawn: Snapshot) -> None:
    unknown = {
        name: tuple(replace(each, loss_seconds=None) for each in found) for name, found in drawn.candidates.items()
    }
    decision = decide(replace(drawn, candidates=unknown, words=()), NOON)
    assert decision.action not in (Action.FAIL_OVER, Action.FAIL_OVER_DATABASE)


@given(snapshots)
def test_what_is_not_known_of_capacity_keeps_no_product_down(drawn: Snapshot) -> None:
    assert decide(replace(drawn, capacity=None), NOON).rule != "R315"
    assert decide(replace(drawn, capacity={}), NOON).rule != "R315"


@given(snapshots, st.permutations([0, 1, 2, 3, 4, 5]))
def test_the_order_of_votes_does_not_matter(drawn: Snapshot, order: list[int]) -> None:
    shuffled = tuple(drawn.votes[index] for index in order if index < len(drawn.votes))
    assert decide(drawn, NOON) == decide(replace(drawn, votes=shuffled), NOON)


@given(snapshots)
def test_the_same_snapshot_is_always_decided_the_same(drawn: Snapshot) -> None:
    assert decide(drawn, NOON) == decide(drawn, NOON)
