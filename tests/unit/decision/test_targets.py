"""Which copy a database moves to, together with those that are declared with it, and whether nodes are there."""

from dataclasses import replace

import pytest

from failover.decision import Candidate, Room, best_targets
from failover.decision.capacity import capacity_fits
from failover.decision.targets import refusals
from tests.products import AP, EU, US, quickstart

ORDERS = quickstart().databases[0]
SHOP = quickstart(databases=(replace(ORDERS, together="shop"), replace(ORDERS, name="carts", together="shop")))


def regions(**candidates: tuple[Candidate, ...]) -> dict[str, str | None]:
    chosen = best_targets(SHOP, candidates, candidates)
    return {name: target.region if target else None for name, target in chosen.items()}


def test_databases_declared_together_go_where_the_worst_off_of_them_loses_least() -> None:
    found = regions(orders=(Candidate(EU, 0.0), Candidate(AP, 20.0)), carts=(Candidate(AP, 10.0), Candidate(EU, 90.0)))
    assert found == {"orders": AP, "carts": AP}


def test_an_unknown_loss_of_one_is_worse_than_any_known_one() -> None:
    found = regions(orders=(Candidate(EU, 0.0), Candidate(AP, 80.0)), carts=(Candidate(AP, 80.0), Candidate(EU, None)))
    assert found == {"orders": AP, "carts": AP}


def test_where_no_region_is_fit_for_all_of_them_none_moves_and_each_says_why() -> None:
    candidates = {
        "orders": (Candidate(EU, 0.0), Candidate(AP, None, "evacuated")),
        "carts": (Candidate(AP, 0.0), Candidate(EU, None, "unreachable")),
    }
    targets = best_targets(SHOP, candidates, candidates)
    assert targets == {"orders": None, "carts": None}
    alone = "fit, but not every database that moves together with it has a fit copy there"
    assert refusals(candidates, targets) == {
        f"orders in {EU}": alone,
        f"orders in {AP}": "evacuated",
        f"carts in {AP}": alone,
        f"carts in {EU}": "unreachable",
    }


def test_a_tie_goes_to_the_documents_order() -> None:
    assert regions(orders=(Candidate(AP, 5.0), Candidate(EU, 5.0)), carts=(Candidate(EU, 5.0), Candidate(AP, 5.0))) == {
        "orders": EU,
        "carts": EU,
    }


@pytest.mark.parametrize(
    ("view", "fits"),
    [
        (None, True),
        ({}, True),
        ({EU: Room(0, 0)}, True),
        ({EU: Room(2, 3), AP: Room(2, 3)}, True),
        ({EU: Room(2, 3), AP: Room(2, 2)}, False),
        ({EU: Room(9, 2), AP: Room(2, 3)}, False),
    ],
)
def test_the_regions_that_stay_must_have_room_for_all_nodes_if_all_of_them_answered(
    view: dict[str, Room] | None, fits: bool
) -> None:
    assert capacity_fits(quickstart(), US, view, (EU, AP)) is fits


def test_a_region_that_was_evacuated_earlier_counts_among_those_to_carry_and_not_among_those_that_do() -> None:
    assert not capacity_fits(quickstart(), US, {US: Room(6, 6), EU: Room(2, 5)}, (EU,))
    assert capacity_fits(quickstart(), US, {US: Room(6, 6), EU: Room(2, 6)}, (EU,))
