"""When an incident's executor counts as dead: by this observer's own eyes, for a whole lease, of this very beat."""

from datetime import timedelta
from typing import Any

import pytest

from failover.adapters.memory.surroundings import NOON
from failover.decision import Action, decide
from failover.records import Control, Health, IncidentState, Vote
from tests.products import AP, EU, US
from tests.unit.decision.snapshots import incident, silent, snapshot

LEASE = 30.0


def action(*votes: Vote, here: str = EU, **changes: Any) -> Action:
    opened = snapshot(here=here, votes=votes, control=Control(2, incident=incident(**changes)))
    return decide(opened, NOON).action


def test_an_executor_that_was_silent_for_its_lease_is_relieved() -> None:
    assert action(silent(LEASE)) is Action.TAKE_OVER
    assert action(silent(LEASE - 0.1)) is Action.HOLD


def test_the_word_of_another_region_is_no_proof() -> None:
    assert action(silent(LEASE, observer=AP), owner=US) is Action.HOLD


@pytest.mark.parametrize("sighting", [{"beat": 4}, {"term": 2}, {"incident": "us-east-1-9"}])
def test_silence_since_an_earlier_beat_term_or_incident_is_no_proof(sighting: dict[str, Any]) -> None:
    assert action(silent(LEASE, sighting=sighting)) is Action.HOLD


def test_an_old_vote_and_a_blind_ones_are_no_proof() -> None:
    assert action(silent(LEASE, observed_at=NOON - timedelta(seconds=21))) is Action.HOLD
    assert action(silent(LEASE, seen=())) is Action.HOLD


def test_what_the_observer_says_of_the_region_does_not_matter() -> None:
    assert action(silent(LEASE, health=Health.UNKNOWN)) is Action.TAKE_OVER
    assert action(silent(LEASE, health=Health.HEALTHY, subject=AP)) is Action.TAKE_OVER


def test_an_incident_that_holds_waits_for_a_person() -> None:
    assert action(silent(LEASE), state=IncidentState.HOLDING) is Action.HOLD
    assert action(silent(LEASE), state=IncidentState.WAITING) is Action.TAKE_OVER


def test_nobody_takes_over_from_himself_and_the_lost_region_takes_nothing_over() -> None:
    assert action(silent(LEASE), owner=EU) is Action.HOLD
    assert action(silent(LEASE, observer=US, subject=AP), here=US) is Action.HOLD
