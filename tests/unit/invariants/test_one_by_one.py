"""Judged record by record, an invariant breaks with the record that breaks it, and stays broken."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failover.adapters.memory.surroundings import NOON
from failover.invariants import INVARIANTS, Chronicle, Judgement, check
from failover.invariants.judgement import in_order, show
from failover.records import JournalEntry
from tests.unit.invariants.chronicles import SOUND
from tests.unit.invariants.test_invariants import BROKEN, HOLDING

AT_THE_END = ("I9", "I11")
"""Whether something is missing for good is known when all is over."""


def broken_by(chronicle: Chronicle, records: Sequence[tuple[float, Any]]) -> dict[str, float]:
    """Each invariant that broke, and when, as the records were shown."""
    judgement = Judgement(chronicle.topology, began=chronicle.began)
    found: dict[str, float] = {}
    for at, what in records:
        show(judgement, what, at)
        for complaint in judgement.broken:
            found.setdefault(complaint.invariant, at)
    return found


@pytest.mark.parametrize("case", [case for case, (number, _, _) in BROKEN.items() if number not in AT_THE_END])
def test_it_breaks_with_a_record_and_not_before_and_never_heals(case: str) -> None:
    number, chronicle, _ = BROKEN[case]
    records = in_order(chronicle)
    at = broken_by(chronicle, records)[number]
    assert number not in broken_by(chronicle, [each for each in records if each[0] < at])
    assert broken_by(chronicle, [each for each in records if each[0] <= at])[number] == at


@pytest.mark.parametrize("case", HOLDING)
def test_what_holds_in_the_end_was_never_broken(case: str) -> None:
    number, chronicle = HOLDING[case]
    assert number not in broken_by(chronicle, in_order(chronicle))


def moved(entry: JournalEntry, second: float) -> JournalEntry:
    return replace(entry, at=NOON + timedelta(seconds=second))


@st.composite
def chronicles(draw: st.DrawFn) -> Chronicle:
    """The sound one with lines left out, doubled and moved, and with anybody's writes at any time."""
    journal: list[JournalEntry] = []
    for entry in SOUND.journal:
        times = draw(st.sampled_from([1, 1, 1, 1, 0, 2]))
        shift = draw(st.sampled_from([0.0, 0.0, 0.0, 0.0, 5.0, -5.0]))
        journal += [moved(entry, (entry.at - NOON).total_seconds() + shift)] * times
    writes = list(SOUND.acknowledged)
    for write in list(writes):
        if draw(st.booleans()):
            region, at = draw(st.sampled_from(SOUND.topology.region_names)), draw(st.floats(0.0, 100.0))
            writes.append(replace(write, region=region, at=at))
    return replace(SOUND, journal=tuple(sorted(journal, key=lambda each: each.at)), acknowledged=tuple(writes))


@given(chronicles())
def test_after_each_event_the_verdict_is_that_of_the_whole_at_the_end(chronicle: Chronicle) -> None:
    during = set(broken_by(chronicle, in_order(chronicle)))
    at_the_end = {name.split()[0] for name, verdict in check(chronicle).items() if not verdict.holds}
    assert at_the_end - {*AT_THE_END} == during
    assert during <= set(INVARIANTS)


@given(chronicles(), st.floats(0.0, 100.0))
def test_what_broke_in_the_first_part_is_broken_in_the_whole(chronicle: Chronicle, until: float) -> None:
    records = in_order(chronicle)
    first = broken_by(chronicle, [each for each in records if each[0] <= until])
    assert first.items() <= broken_by(chronicle, records).items()


@given(chronicles(), st.randoms(use_true_random=False))
def test_the_order_in_which_a_stage_learned_of_things_does_not_matter(chronicle: Chronicle, chance: Any) -> None:
    learned = [*chronicle.acknowledged]
    chance.shuffle(learned)
    held = {name: verdict.holds for name, verdict in check(chronicle).items()}
    late = {name: verdict.holds for name, verdict in check(replace(chronicle, acknowledged=tuple(learned))).items()}
    assert late == held
