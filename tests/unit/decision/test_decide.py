"""The decision table: an example of each row, and facts that must not matter."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failover.adapters.memory.surroundings import NOON
from failover.decision import RULES, Action, Candidate, Quorum, Snapshot, decide, quorum_on
from failover.decision.table import as_markdown
from failover.records import (
    Consent,
    Control,
    DatabaseRecord,
    Health,
    Incident,
    IncidentState,
    LeaseRecord,
    LeaseState,
    Pause,
    Vote,
)
from failover.topology import Automation
from tests.products import AP, EU, US, quickstart

DOCUMENT = Path(__file__).parents[3] / "docs" / "decision-table.md"
ORDERS = DatabaseRecord("orders", 1, US, 1, LeaseRecord(LeaseState.GRANTED, 1))
FIT = {"orders": (Candidate(EU, 20.0), Candidate(AP, 25.0))}


def vote(observer: str, health: Health = Health.UNHEALTHY, subject: str = US, **changes: Any) -> Vote:
    fields: dict[str, Any] = {"observed_at": NOON, "unhealthy_seconds": 12.0, "seen": ("a", "b", "c")}
    return Vote(subject, observer, health, "told", 1, 1, **{**fields, **changes})


def snapshot(**changes: Any) -> Snapshot:
    """The region is down for two observers for longer than the dwell time, and a good replica waits."""
    fields: dict[str, Any] = {
        "topology": quickstart(),
        "subject": US,
        "here": EU,
        "control": Control(version=1),
        "databases": (ORDERS,),
        "votes": (vote(EU), vote(AP)),
        "candidates": FIT,
    }
    return Snapshot(**{**fields, **changes})


def incident(owner: str = AP, execution: str | None = "one") -> Incident:
    return Incident("us-east-1-2", US, owner, 1, IncidentState.OPEN, "R330", "", NOON, "", ("orders",), execution)


def automation(how: Automation) -> Snapshot:
    topology = quickstart()
    return snapshot(topology=replace(topology, policy=replace(topology.policy, automation=how)))


LOSSY = {"orders": (Candidate(EU, 90.0), Candidate(AP, None))}
EXAMPLES = {
    "R105": snapshot(control=Control(2, incident=incident(owner=EU, execution=None))),
    "R110": snapshot(control=Control(2, incident=incident())),
    "R120": snapshot(control=Control(2, pause=Pause("maintenance", NOON + timedelta(hours=1)))),
    "R210": snapshot(votes=(vote(EU),)),
    "R220": snapshot(votes=(vote(EU), vote(AP, Health.HEALTHY))),
    "R230": snapshot(votes=(vote(EU, Health.HEALTHY), vote(AP, Health.HEALTHY))),
    "R240": snapshot(control=Control(2, evacuated={US: "us-east-1-2"}), databases=(replace(ORDERS, writer=EU),)),
    "R250": snapshot(votes=(vote(EU), vote(AP, unhealthy_seconds=9.9))),
    "R260": automation(Automation.OBSERVE),
    "R270": automation(Automation.APPROVE),
    "R280": snapshot(control=Control(2, last_failover_at=NOON - timedelta(minutes=59))),
    "R310": snapshot(candidates={"orders": (Candidate(EU, None, "unreachable"), Candidate(AP, None, "down"))}),
    "R320": snapshot(candidates=LOSSY),
    "R325": snapshot(candidates=LOSSY, consents=(Consent("orders", "on call", "gone", NOON),)),
    "R330": snapshot(),
}


@pytest.mark.parametrize(("rule", "example"), EXAMPLES.items())
def test_each_row_speaks_for_its_example(rule: str, example: Snapshot) -> None:
    assert decide(example, NOON).rule == rule


def test_every_row_but_the_last_has_an_example() -> None:
    assert [rule.id for rule in RULES[:-1]] == list(EXAMPLES)


def test_the_last_row_matches_whatever_no_other_row_did() -> None:
    assert RULES[-1].action is Action.HOLD
    assert RULES[-1].when == type(RULES[-1].when)()


def test_ids_are_never_used_twice() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_the_document_is_what_the_code_decides() -> None:
    assert DOCUMENT.read_text("utf-8") == as_markdown(), (
        "run: python -m failover.decision.table > docs/decision-table.md"
    )


def test_an_expired_pause_is_none() -> None:
    paused = snapshot(control=Control(2, pause=Pause("yesterday", NOON - timedelta(seconds=1))))
    assert decide(paused, NOON).rule == "R330"


def test_a_region_that_writes_nothing_is_failed_over_for_its_traffic() -> None:
    decision = decide(snapshot(subject=AP, votes=(vote(US, subject=AP), vote(EU, subject=AP)), candidates={}), NOON)
    assert (decision.rule, decision.databases) == ("R330", ())


votes = st.lists(
    st.builds(
        vote,
        observer=st.sampled_from([US, EU, AP]),
        health=st.sampled_from(Health),
        unhealthy_seconds=st.floats(0, 1e4),
        observed_at=st.integers(-400, 400).map(lambda seconds: NOON + timedelta(seconds=seconds)),
        seen=st.sampled_from([(), ("a", "b")]),
    ),
    max_size=6,
    unique_by=lambda each: each.observer,
).map(tuple)
controls = st.builds(
    Control,
    version=st.integers(1, 9),
    evacuated=st.dictionaries(st.sampled_from([US, EU, AP]), st.just("x"), max_size=3),
    last_failover_at=st.none() | st.just(NOON),
)
candidates = st.lists(
    st.builds(
        Candidate, st.sampled_from([EU, AP]), st.none() | st.floats(0, 1e4), st.sampled_from(["", "unreachable"])
    ),
    max_size=2,
).map(lambda found: {"orders": tuple(found)})
snapshots = st.builds(snapshot, votes=votes, control=controls, candidates=candidates)


@given(snapshots)
def test_without_quorum_nothing_is_failed_over(drawn: Snapshot) -> None:
    if quorum_on(drawn.topology, drawn.votes, US, NOON) is not Quorum.DOWN:
        assert decide(drawn, NOON).action in (Action.HOLD, Action.PAGE)


@given(snapshots)
def test_the_subject_itself_the_blind_and_the_unknown_have_no_voice(drawn: Snapshot) -> None:
    heard = tuple(
        each for each in drawn.votes if each.observer != US and each.seen and each.health is not Health.UNKNOWN
    )
    assert decide(drawn, NOON) == decide(replace(drawn, votes=heard), NOON)


@given(snapshots)
def test_a_pause_always_wins(drawn: Snapshot) -> None:
    paused = replace(drawn, control=replace(drawn.control, pause=Pause("by hand", NOON + timedelta(days=1))))
    assert decide(paused, NOON).action is Action.HOLD


@given(snapshots)
def test_unknown_loss_is_never_taken_for_none(drawn: Snapshot) -> None:
    unknown = {
        name: tuple(replace(each, loss_seconds=None) for each in found) for name, found in drawn.candidates.items()
    }
    assert decide(replace(drawn, candidates=unknown), NOON).action is not Action.FAIL_OVER


@given(snapshots, st.permutations([0, 1, 2, 3, 4, 5]))
def test_the_order_of_votes_does_not_matter(drawn: Snapshot, order: list[int]) -> None:
    shuffled = tuple(drawn.votes[index] for index in order if index < len(drawn.votes))
    assert decide(drawn, NOON) == decide(replace(drawn, votes=shuffled), NOON)
