"""The journal's copies: everything arrives, once, and what was changed or taken away is told."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failover.adapters.memory import ManualClock
from failover.adapters.memory.surroundings import NOON
from failover.errors import ArchiveNotKeptError, JournalTamperedError
from failover.procedures.journal_keeping import OVERLAP, JournalLine, keep_journal


class Journal:
    """``JournalSource`` whose lines are a test's to change."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def write(self, at: datetime, text: str = "PROMOTED") -> str:
        name = f"{at.isoformat(timespec='microseconds')}#eu-west-1#{len(self.texts)}"
        self.texts[name] = text
        return name

    def lines(self, after: str) -> Sequence[JournalLine]:
        return [JournalLine(name, text) for name, text in sorted(self.texts.items()) if name > after]


class Shelf:
    """``JournalShelf`` that nobody can take anything out of; ``full`` is the test's to switch."""

    def __init__(self) -> None:
        self.objects: dict[str, set[str]] = {}
        self.full = False

    def kept(self, after: str) -> Mapping[str, frozenset[str]]:
        return {name: frozenset(digests) for name, digests in self.objects.items() if name > after}

    def keep(self, line: JournalLine) -> None:
        if self.full:
            raise ArchiveNotKeptError("full")
        self.objects.setdefault(line.name, set()).add(line.digest)


def test_a_line_is_kept_once_however_often_it_is_looked_at() -> None:
    journal, shelf, clock = Journal(), Shelf(), ManualClock()
    journal.write(NOON)
    assert keep_journal(journal, shelf, clock, whole=False) == 1
    assert keep_journal(journal, shelf, clock, whole=False) == 0


def test_a_line_that_comes_late_is_kept_by_the_next_run() -> None:
    journal, shelf, clock = Journal(), Shelf(), ManualClock()
    journal.write(NOON)
    keep_journal(journal, shelf, clock, whole=False)
    late = journal.write(NOON - OVERLAP + timedelta(seconds=1))
    keep_journal(journal, shelf, clock, whole=False)
    assert late in shelf.objects


def test_what_an_outage_of_a_day_left_is_kept_by_the_run_over_everything() -> None:
    journal, shelf, clock = Journal(), Shelf(), ManualClock()
    old = journal.write(NOON - timedelta(days=1))
    keep_journal(journal, shelf, clock, whole=False)
    assert old not in shelf.objects
    keep_journal(journal, shelf, clock, whole=True)
    assert old in shelf.objects


def test_a_line_that_was_changed_is_told_and_both_are_kept() -> None:
    journal, shelf, clock = Journal(), Shelf(), ManualClock()
    name = journal.write(NOON, "FENCED")
    keep_journal(journal, shelf, clock, whole=False)
    journal.texts[name] = "nothing happened"
    for _ in range(2):
        with pytest.raises(
            JournalTamperedError, match=re.escape(f"changed since they were kept: {name}; taken away: none")
        ):
            keep_journal(journal, shelf, clock, whole=False)
    assert len(shelf.objects[name]) == 2


def test_a_line_that_was_taken_away_is_told_and_the_others_are_kept() -> None:
    journal, shelf, clock = Journal(), Shelf(), ManualClock()
    name = journal.write(NOON)
    keep_journal(journal, shelf, clock, whole=False)
    del journal.texts[name]
    other = journal.write(NOON + timedelta(seconds=1))
    with pytest.raises(JournalTamperedError, match=re.escape(f"taken away: {name}")):
        keep_journal(journal, shelf, clock, whole=False)
    assert {name, other} <= shelf.objects.keys()


@given(st.lists(st.integers(0, 7 * 86400), max_size=30), st.sets(st.integers(0, 29)))
def test_whatever_comes_when_everything_is_kept_in_the_end(seconds: list[int], outages: set[int]) -> None:
    journal, shelf, clock = Journal(), Shelf(), ManualClock()
    for turn, second in enumerate(seconds):
        journal.write(NOON - timedelta(seconds=second))
        shelf.full = turn in outages
        try:
            keep_journal(journal, shelf, clock, whole=False)
        except ArchiveNotKeptError:
            assert shelf.full
    shelf.full = False
    keep_journal(journal, shelf, clock, whole=True)
    assert shelf.objects.keys() == journal.texts.keys()
    assert all(len(digests) == 1 for digests in shelf.objects.values())
