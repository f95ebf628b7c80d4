"""What is read out of the drills' reports."""

from typing import Any

import pytest

from bench.moves import rollback_seconds, takeover_seconds
from bench.numbers import MeasurementError


def report(*lines: tuple[float, str, str]) -> dict[str, Any]:
    timeline = [{"at": at, "kind": kind, "text": text} for at, kind, text in lines]
    return {"scenario": "told", "timeline": timeline}


def test_a_takeover_counts_from_the_last_death_before_it() -> None:
    told = report(
        (5.0, "region", "is down"),
        (20.0, "region", "is down"),
        (34.5, "journal", "taken over: eu-west-1 fell silent in term 1"),
        (40.0, "region", "is down"),
    )
    assert takeover_seconds(told) == 14.5


def test_a_rollback_counts_from_the_operators_request() -> None:
    told = report(
        (3.0, "operator", "operator pause look at it first"),
        (6.0, "operator", "operator start_execution machine=rollback region=eu-west-1"),
        (7.0, "journal", "taken over: it is coming back"),
        (9.5, "journal", "compensated: us-east-1 has its traffic and its leases again"),
    )
    assert rollback_seconds(told) == 3.5


def test_a_report_without_it_is_no_measurement() -> None:
    with pytest.raises(MeasurementError, match="no 'taken over'"):
        takeover_seconds(report((5.0, "region", "is down")))
