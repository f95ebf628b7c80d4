"""A failover is held against what it must wait for, TTL and 2 s, and no more."""

from typing import Any

import pytest

from bench.drill_run import Drill
from bench.numbers import MeasurementError
from bench.region_failover import promotion_seconds, tabulated, unavoidable_seconds
from tests.products import quickstart

DWELL = 12.0


def report(*, rto_seconds: float | None = 30.0, decided: float = 32.0, verdict: str = "held") -> dict[str, Any]:
    return {
        "verdict": verdict,
        "rto_seconds": rto_seconds,
        "rto_parts": dict.fromkeys(("decide", "fence", "promote", "shift", "client_ttl"), 1.0) | {"detect": 15.0},
        "control_plane_share_seconds": 1.2,
        "moments": {"fault": 5.0, "decided": decided, "moved": 33.0},
        "rpo": {"acknowledged": 200, "lost": 0},
        "timeline": [
            {"at": 32.0, "kind": "promotion", "text": "promotion of orders refused"},
            {"at": 33.0, "kind": "promotion", "text": "promotion of orders accepted"},
            {"at": 33.5, "kind": "journal", "text": "promotion of orders accepted"},
            {"at": 34.5, "kind": "promotion", "text": "orders is out of recovery"},
        ],
    }


def test_postgres_promotes_from_the_accepted_call_until_it_is_out_of_recovery() -> None:
    assert promotion_seconds(report()) == 1.5


def test_a_report_that_does_not_tell_of_the_promotion_makes_the_bound_the_stricter() -> None:
    untold = report() | {"timeline": []}
    assert unavoidable_seconds(untold, quickstart()) == unavoidable_seconds(report(), quickstart()) - 1.5


def test_a_lease_that_ran_out_before_the_decision_is_not_waited_for() -> None:
    assert unavoidable_seconds(report(decided=32.0), quickstart()) == 15.0 + DWELL + 1.5


def test_what_is_left_of_lease_and_margin_at_the_decision_is_waited_for() -> None:
    left = 20 + 2 - 12
    assert unavoidable_seconds(report(decided=17.0), quickstart()) == 15.0 + DWELL + left + 1.5


def test_one_slow_failover_of_many_misses_the_bound() -> None:
    drills = [Drill(report(), 80.0), Drill(report(rto_seconds=60.0), 80.0)]
    missed = [each.what for each in tabulated(drills, quickstart()).missed()]
    assert missed == ["RTO beyond detection, dwell, lease and promotion"]


def test_a_drill_that_broke_or_served_nobody_is_said() -> None:
    drills = [Drill(report(), 80.0), Drill(report(rto_seconds=None, verdict="broken"), 200.0)]
    table = tabulated(drills, quickstart())
    assert [each.what for each in table.missed()] == ["`lifeboat drill`, all of it"]
    assert any("broke in run 2" in remark for remark in table.remarks)
    assert any("Nobody was served again in run 2" in remark for remark in table.remarks)


def test_without_any_failover_there_is_nothing_to_measure() -> None:
    with pytest.raises(MeasurementError, match="users served again"):
        tabulated([Drill(report(rto_seconds=None), 80.0)], quickstart())
