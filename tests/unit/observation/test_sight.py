"""What one answer of a deep health endpoint says of its region, and what it does not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failover.observation import Finding, sight_of
from failover.ports import Answer


def answered(status: int, body: str = "", failure: str = "") -> Answer:
    return Answer(status, body, 0.012, failure)


@pytest.mark.parametrize(
    ("answer", "finding", "reason"),
    [
        (answered(200, "{}"), Finding.SERVED, "served in 12 ms"),
        (answered(0), Finding.MISSED, "no answer in time"),
        (answered(0, failure="ConnectionRefusedError: refused"), Finding.MISSED, "ConnectionRefusedError: refused"),
        (answered(500), Finding.MISSED, "HTTP 500"),
        (answered(503, "busy"), Finding.MISSED, "HTTP 503"),
        (answered(403), Finding.UNSEEN, "HTTP 403 is no answer of a deep health endpoint"),
        (answered(404), Finding.UNSEEN, "HTTP 404 is no answer of a deep health endpoint"),
        (answered(301), Finding.UNSEEN, "HTTP 301 is no answer of a deep health endpoint"),
        (answered(204), Finding.UNSEEN, "HTTP 204 is no answer of a deep health endpoint"),
    ],
)
def test_an_answer_is_counted_for_what_it_is(answer: Answer, finding: Finding, reason: str) -> None:
    assert sight_of(answer).finding is finding
    assert sight_of(answer).reason == reason


def test_a_failing_region_names_the_parts_at_fault() -> None:
    parts = {"database": {"status": "unhealthy"}, "cache": {"status": "unhealthy"}, "storage": {"status": "healthy"}}
    assert sight_of(answered(503, json.dumps({"parts": parts}))).reason == "HTTP 503: cache, database"


def test_a_part_that_was_not_looked_at_is_not_blamed() -> None:
    parts = {"database": {"status": "unhealthy"}, "cache": {"status": "unknown"}}
    assert sight_of(answered(503, json.dumps({"parts": parts}))).reason == "HTTP 503: database"


@pytest.mark.parametrize(
    "body", ["", "not json", "[]", "null", "7", '{"parts": null}', '{"parts": {"x": 1}}', '{"parts": ["x"]}']
)
def test_a_body_of_another_form_is_no_error(body: str) -> None:
    assert sight_of(answered(503, body)).reason == "HTTP 503"


@given(st.integers(0, 999), st.text(max_size=40))
def test_only_silence_and_server_errors_are_held_against_a_region(status: int, body: str) -> None:
    missed = sight_of(answered(status, body)).finding is Finding.MISSED
    assert missed == (status == 0 or status >= 500)
