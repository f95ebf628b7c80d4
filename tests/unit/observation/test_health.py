"""A region's health is a function of its answer and of the answers before it: the table of docs/observation.md."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failover.observation import Finding, Sight, Window, health_of
from failover.ports import Answer
from tests.products import quickstart

RULES = quickstart().observation
WELL = {"edge": "healthy", "application": "healthy", "database_write": "healthy", "database_read": "healthy"}


def answered(status: int, body: str = "", failure: str = "", seconds: float = 0.012) -> Answer:
    return Answer(status, body, seconds, failure)


def body(parts: dict[str, str] | None = None, **figures: Any) -> str:
    told = {name: {"status": status} for name, status in (WELL | (parts or {})).items()}
    return json.dumps({"parts": told, **figures})


def seen(*answers: Answer) -> Sight:
    window = Window()
    for answer in answers:
        window = window.after(answer, RULES.window_probes)
    return health_of(answers[-1], window, RULES)


@pytest.mark.parametrize(
    ("answer", "finding", "reason"),
    [
        (answered(200, "{}"), Finding.SERVED, "served in 12 ms"),
        (answered(0), Finding.MISSED, "no answer in time"),
        (answered(0, failure="ConnectionRefusedError: refused"), Finding.MISSED, "ConnectionRefusedError: refused"),
        (answered(500), Finding.MISSED, "HTTP 500: application"),
        (answered(503, "busy"), Finding.MISSED, "HTTP 503: application"),
        (answered(403), Finding.UNSEEN, "HTTP 403 is no answer of a deep health endpoint"),
        (answered(404), Finding.UNSEEN, "HTTP 404 is no answer of a deep health endpoint"),
        (answered(301), Finding.UNSEEN, "HTTP 301 is no answer of a deep health endpoint"),
        (answered(204), Finding.UNSEEN, "HTTP 204 is no answer of a deep health endpoint"),
    ],
)
def test_an_answer_is_counted_for_what_it_is(answer: Answer, finding: Finding, reason: str) -> None:
    assert (seen(answer).finding, seen(answer).reason) == (finding, reason)


@pytest.mark.parametrize("status", [200, 503])
@pytest.mark.parametrize(
    ("parts", "faults", "degraded"),
    [
        ({"edge": "unhealthy"}, ("edge",), ()),
        ({"application": "unhealthy"}, ("application",), ()),
        ({"database_write": "unhealthy"}, ("database_write",), ()),
        ({"database_read": "unhealthy"}, ("database_read",), ()),
        ({"database_write:orders": "unhealthy", "database_write:users": "healthy"}, ("database_write:orders",), ()),
        ({"cache": "unhealthy"}, (), ("cache",)),
        ({"cache:sessions": "degraded"}, (), ("cache:sessions",)),
        ({"database_read": "unhealthy", "cache": "unhealthy"}, ("database_read",), ("cache",)),
    ],
)
def test_what_costs_a_region_and_what_degrades_it(
    status: int, parts: dict[str, str], faults: tuple[str, ...], degraded: tuple[str, ...]
) -> None:
    """The parts count, not the HTTP status that an endpoint wraps them in."""
    sight = seen(answered(status, body(parts)))
    assert (sight.faults, sight.degraded) == (faults, degraded)
    assert sight.finding is (Finding.MISSED if faults else Finding.SERVED)


def test_a_part_that_nobody_knows_costs_a_region_only_when_the_endpoint_says_so() -> None:
    assert seen(answered(200, body({"search": "unhealthy"}))).degraded == ("search",)
    assert seen(answered(503, body({"search": "unhealthy"}))).faults == ("search",)


def test_a_region_that_only_replicates_is_not_blamed_for_a_dead_writer_elsewhere() -> None:
    sight = seen(answered(200, body({"database_write": "absent"})))
    assert (sight.finding, sight.faults, sight.degraded) == (Finding.SERVED, (), ())


@pytest.mark.parametrize(
    ("zones", "faults", "degraded"),
    [
        ("a", (), ("zone:a",)),
        ("ab", ("zones",), ("zone:a", "zone:b")),
        ("abc", ("zones",), ("zone:a", "zone:b", "zone:c")),
        ("", (), ()),
    ],
)
def test_one_zone_of_three_costs_no_region_and_two_do(zones: str, faults: Any, degraded: Any) -> None:
    told = {zone: "unhealthy" if zone in zones else "healthy" for zone in "abc"}
    for status in (200, 503):
        if status == 200 or zones:
            sight = seen(answered(status, body(zones=told)))
            assert (sight.faults, sight.degraded) == (faults, degraded)


def test_half_of_the_zones_are_not_most_of_them() -> None:
    assert seen(answered(200, body(zones={"a": "unhealthy", "b": "healthy"}))).finding is Finding.SERVED


@pytest.mark.parametrize(("rate", "finding"), [(0.0, Finding.SERVED), (0.25, Finding.SERVED), (0.26, Finding.MISSED)])
def test_too_many_failed_requests_are_a_miss(rate: float, finding: Finding) -> None:
    sight = seen(answered(200, body(error_rate=rate)))
    assert sight.finding is finding
    assert sight.faults == (("errors",) if finding is Finding.MISSED else ())


def test_a_dead_database_explains_its_applications_errors_and_slowness() -> None:
    """Else no database would ever be failed over alone: whoever uses it fails and waits."""
    dead = body({"database_write": "unhealthy"}, error_rate=0.9)
    sight = seen(answered(503, dead, seconds=1.9))
    assert (sight.faults, sight.degraded) == (("database_write",), ("errors", "slow"))
    assert "90% of its requests fail" in sight.reason


class TestSlowness:
    SLOW, FAST = answered(200, body(), seconds=1.8), answered(200, body(), seconds=0.2)

    def test_the_longer_of_the_probe_and_the_regions_own_word_counts(self) -> None:
        assert seen(self.SLOW).faults == ("slow",)
        assert seen(answered(200, body(latency_p95_seconds=1.6))).faults == ("slow",)
        assert seen(answered(200, body(latency_p95_seconds=1.5))).faults == ()
        assert "p95 1.80 s, over 1.50 s" in seen(self.SLOW).reason

    def test_one_slow_answer_is_one_miss(self) -> None:
        assert seen(self.FAST, self.SLOW).finding is Finding.MISSED
        assert seen(self.FAST, self.SLOW, self.FAST).finding is Finding.SERVED
        assert seen(self.SLOW, self.FAST).finding is Finding.SERVED

    def test_a_region_that_is_slow_most_of_the_time_is_slow_all_the_time(self) -> None:
        assert seen(self.SLOW, self.FAST, self.SLOW, self.SLOW, self.FAST).finding is Finding.MISSED
        assert seen(self.SLOW, self.FAST, self.SLOW, self.FAST).finding is Finding.SERVED

    def test_what_was_before_a_silence_counts_no_more(self) -> None:
        slow = [self.SLOW] * 6
        assert seen(*slow, self.FAST).finding is Finding.MISSED
        assert seen(*slow, answered(0), self.FAST).finding is Finding.SERVED

    def test_the_window_is_as_long_as_the_topology_says(self) -> None:
        window = Window()
        for _ in range(20):
            window = window.after(self.FAST, 6)
        assert len(window.seconds) == 6

    def test_one_answer_in_twenty_five_is_no_percentile(self) -> None:
        window = Window((0.1,) * 24 + (9.0,))
        assert window.p95 == 0.1
        assert not window.is_slow(1.5)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        "null",
        "7",
        '{"parts": null, "zones": 3}',
        '{"parts": {"edge": 1}}',
        '{"parts": ["edge"]}',
        '{"error_rate": "all", "latency_p95_seconds": true}',
        '{"error_rate": -1, "latency_p95_seconds": 1e400}',
        '{"latency_p95_seconds": ' + "9" * 400 + "}",
    ],
)
def test_a_body_of_another_form_says_nothing_of_a_region(text: str) -> None:
    assert seen(answered(200, text)) == Sight(Finding.SERVED, "served in 12 ms")
    assert seen(answered(503, text)).faults == ("application",)


@given(st.integers(0, 999), st.text(max_size=40))
def test_only_silence_and_server_errors_are_held_against_a_region(status: int, text: str) -> None:
    missed = seen(answered(status, text)).finding is Finding.MISSED
    assert missed == (status == 0 or status >= 500)


@given(
    st.sampled_from([200, 503]),
    st.dictionaries(
        st.sampled_from(["edge", "application", "database_write", "database_read:orders", "cache", "search"]),
        st.sampled_from(["healthy", "degraded", "unhealthy", "absent"]),
    ),
    st.floats(0, 1),
    st.floats(0, 3),
)
def test_a_miss_names_its_faults_and_nothing_else_has_any(
    status: int, parts: dict[str, str], rate: float, p95: float
) -> None:
    sight = seen(answered(status, body(parts, error_rate=rate, latency_p95_seconds=p95)))
    assert bool(sight.faults) == (sight.finding is Finding.MISSED)
    assert not set(sight.faults) & set(sight.degraded)
