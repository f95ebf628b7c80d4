"""The two figures that a region reports of itself, and whose fault is counted in them."""

from http import HTTPStatus
from typing import Any, cast

import pytest

from twin.workload.figures import LAST_SECONDS, Figures
from twin.workload.product import Product

SILENT = {"latency_p95_seconds": None, "error_rate": None}


class Clock:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def figures(clock: Clock) -> Figures:
    return Figures(clock)


def test_of_a_few_requests_nothing_is_said(figures: Figures) -> None:
    for _ in range(4):
        figures.note(9.0, failed=True)
    assert figures.told() == SILENT


def test_the_slowest_of_twenty_is_no_percentile_and_of_ten_it_is(figures: Figures) -> None:
    figures.note(3.0, failed=False)
    for _ in range(9):
        figures.note(0.1, failed=False)
    assert figures.told()["latency_p95_seconds"] == 3.0
    for _ in range(10):
        figures.note(0.1, failed=False)
    assert figures.told()["latency_p95_seconds"] == 0.1


def test_failures_are_a_share_of_all(figures: Figures) -> None:
    for number in range(8):
        figures.note(0.1, failed=number % 4 == 0)
    assert figures.told()["error_rate"] == 0.25


def test_what_is_older_than_ten_seconds_is_forgotten(figures: Figures, clock: Clock) -> None:
    for _ in range(8):
        figures.note(0.1, failed=True)
    clock.at += LAST_SECONDS + 0.1
    assert figures.told() == SILENT


def test_only_what_was_this_regions_own_to_answer_is_counted(figures: Figures) -> None:
    nothing = cast(Any, None)
    product = Product("eu-west-1", nothing, nothing, nothing, figures)
    for _ in range(10):
        product.served((HTTPStatus.SERVICE_UNAVAILABLE, {"reason": "no copy takes writes"}), 1.5)
        product.served((HTTPStatus.CREATED, {"committed_in": "us-east-1"}), 1.4)
    assert figures.told() == SILENT
    for _ in range(9):
        product.served((HTTPStatus.CREATED, {"committed_in": "eu-west-1"}), 0.02)
    product.served((HTTPStatus.INTERNAL_SERVER_ERROR, {"reason": "a fault"}), 0.02)
    assert figures.told() == {"latency_p95_seconds": 0.02, "error_rate": 0.1}
