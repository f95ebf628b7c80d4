"""Answers that are amiss: whose, in which way, and what they were before."""

import pytest

from rehearsal.form.fault_kinds import Amiss, Source
from rehearsal.form.gray_faults import Answers
from simulator.world.gray import Gray
from tests.products import EU, US

STALE = Answers(what=Source.COMPUTE, how=Amiss.STALE, region=EU)
WRONG = Answers(what=Source.COMPUTE, how=Amiss.WRONG)
LATE = Answers(what=Source.COMPUTE, how=Amiss.LATE, region=EU, seconds=4.0)
PARTIAL = Answers(what=Source.HEALTH, how=Amiss.PARTIAL)


@pytest.fixture
def gray() -> Gray:
    return Gray()


def told(gray: Gray, truth: int, *, region: str = EU, about: str = "nodes", source: Source = Source.COMPUTE) -> int:
    return gray.told(source, region, about, truth, partial=lambda value: value // 2, wrong=lambda _value: -1)


def test_where_nothing_is_amiss_the_truth_is_told(gray: Gray) -> None:
    assert told(gray, 7) == 7
    assert gray.late(Source.COMPUTE, EU) == 0.0
    assert not gray.lies(Source.COMPUTE, EU, Amiss.WRONG)


def test_a_stale_answer_is_the_first_since_it_began_for_each_thing_that_is_asked(gray: Gray) -> None:
    gray.begin(STALE)
    assert [told(gray, each) for each in (7, 8, 9)] == [7, 7, 7]
    assert told(gray, 5, about="another") == 5
    assert told(gray, 6, about="another") == 5


def test_once_it_has_ended_it_is_forgotten(gray: Gray) -> None:
    gray.begin(STALE)
    told(gray, 7)
    gray.end(STALE)
    assert told(gray, 8) == 8
    gray.begin(STALE)
    assert told(gray, 9) == 9


def test_a_wrong_one_is_the_lie_and_a_partial_one_a_part(gray: Gray) -> None:
    gray.begin(WRONG)
    gray.begin(PARTIAL)
    assert told(gray, 7) == -1
    assert told(gray, 7, source=Source.HEALTH) == 3


def test_it_is_of_its_source_and_its_region_alone(gray: Gray) -> None:
    gray.begin(STALE)
    told(gray, 7)
    assert told(gray, 8, region=US) == 8
    assert told(gray, 8, source=Source.CACHES) == 8
    gray.begin(WRONG)
    assert gray.lies(Source.COMPUTE, US, Amiss.WRONG)
    assert not gray.lies(Source.COMPUTE, US, Amiss.STALE)
    assert not gray.lies(Source.CACHES, US, Amiss.WRONG)


def test_late_ones_are_late_and_true(gray: Gray) -> None:
    gray.begin(LATE)
    gray.begin(LATE.model_copy(update={"region": "*", "seconds": 1.0}))
    assert gray.late(Source.COMPUTE, EU) == 5.0
    assert gray.late(Source.COMPUTE, US) == 1.0
    assert told(gray, 7) == 7


def test_an_answer_may_be_amiss_in_two_ways(gray: Gray) -> None:
    gray.begin(STALE)
    told(gray, 7)
    gray.begin(WRONG)
    assert told(gray, 8) == -1
    gray.end(WRONG)
    assert told(gray, 8) == 7


def test_what_was_begun_twice_ends_twice(gray: Gray) -> None:
    gray.begin(WRONG)
    gray.begin(WRONG)
    gray.end(WRONG)
    assert told(gray, 7) == -1
    gray.end(WRONG)
    assert told(gray, 7) == 7
