"""How much of a region is at fault, by as many observers as must agree."""

from dataclasses import replace

import pytest

from failover.adapters.memory.surroundings import NOON
from failover.decision import Trouble, decide
from failover.decision.trouble import Extent, extent_of
from failover.records import Vote
from failover.topology import DatasetKind
from tests.products import AP, EU, US, quickstart
from tests.unit.decision.snapshots import ORDERS, both, snapshot, vote

BARE = quickstart().databases[0]
TOGETHER = (
    replace(BARE, together="shop"),
    replace(BARE, name="carts", together="shop"),
    replace(BARE, name="invoices"),
    replace(BARE, name="passports", kind=DatasetKind.HOME_REGION, replicas=()),
)
SHOP = quickstart(databases=TOGETHER)
WRITTEN = ("orders", "carts", "invoices")


def extent(*votes: Vote, written: tuple[str, ...] = WRITTEN) -> Extent:
    return extent_of(SHOP, votes, US, written, NOON)


def of(*faults: str) -> Extent:
    return extent(*both(faults=faults))


@pytest.mark.parametrize(
    "faults",
    [(), ("edge",), ("application",), ("slow",), ("errors",), ("application", "database_write:orders")],
)
def test_more_than_a_database_is_the_region(faults: tuple[str, ...]) -> None:
    assert of(*faults) == Extent(Trouble.REGION, WRITTEN)


@pytest.mark.parametrize(
    "faults",
    [
        ("database_write:invoices",),
        ("database_read:invoices",),
        ("database_write:invoices", "database_read:invoices"),
        ("database_write:invoices", "errors", "slow"),
    ],
)
def test_a_database_alone_moves_alone_whatever_its_loss_makes_of_answers(faults: tuple[str, ...]) -> None:
    assert of(*faults) == Extent(Trouble.DATABASE, ("invoices",))


def test_a_copy_that_has_diverged_is_no_trouble_of_its_region() -> None:
    """After a switchover the old writer refuses writes, for good reason, and its users write elsewhere."""
    votes = both(faults=("database_write:orders",))
    assert extent_of(SHOP, votes, US, (), NOON, apart=("orders",)) == Extent(Trouble.APART, ())
    assert extent_of(SHOP, votes, US, (), NOON) == Extent(Trouble.REGION, ())


@pytest.mark.parametrize("symptom", ["errors", "slow"])
def test_a_region_whose_users_suffer_is_at_fault_whatever_became_of_its_copy(symptom: str) -> None:
    votes = both(faults=("database_write:orders",), degraded=(symptom,))
    assert extent_of(SHOP, votes, US, (), NOON, apart=("orders",)) == Extent(Trouble.REGION, ())


def test_another_database_that_fails_beside_a_diverged_copy_is_trouble() -> None:
    votes = both(faults=("database_write:orders", "database_write:invoices"))
    assert extent_of(SHOP, votes, US, ("invoices",), NOON, apart=("orders",)).moving == ("invoices",)


def test_databases_that_are_declared_together_move_together() -> None:
    assert of("database_write:carts").moving == ("orders", "carts")


def test_without_a_name_all_that_the_region_writes_is_meant() -> None:
    assert of("database_write") == Extent(Trouble.DATABASE, WRITTEN)
    assert extent(*both(faults=("database_read",)), written=()).trouble is Trouble.REGION


def test_only_what_enough_observers_name_is_moved() -> None:
    votes = (
        vote(EU, faults=("database_write:orders", "database_write:invoices")),
        vote(AP, faults=("database_write:invoices",)),
    )
    assert extent(*votes).moving == ("invoices",)


def test_an_observer_that_sees_the_whole_region_down_agrees_to_each_of_its_databases() -> None:
    """Two of them make a region; one beside one that sees a database makes that database."""
    assert extent(vote(EU, faults=("edge",)), vote(AP, faults=("database_write:invoices",))) == Extent(
        Trouble.DATABASE, ("invoices",)
    )


def test_observers_who_name_different_databases_agree_on_none() -> None:
    votes = (vote(EU, faults=("database_write:orders",)), vote(AP, faults=("database_write:invoices",)))
    assert extent(*votes) == Extent(Trouble.UNCLEAR, ())


def test_data_that_never_leaves_home_moves_nothing() -> None:
    assert of("database_write:passports") == Extent(Trouble.STAYS, ())
    assert extent(*both(faults=("database_write:passports",)), written=()) == Extent(Trouble.STAYS, ())


def test_a_replica_that_cannot_be_read_moves_the_traffic_of_a_region_that_writes_nothing_and_no_writer() -> None:
    ill = both(faults=("database_read:orders",))
    assert extent(*ill, written=()) == Extent(Trouble.REGION, ())
    assert extent(*ill, written=("invoices",)) == Extent(Trouble.STAYS, ())


def test_a_dead_database_leaves_the_regions_traffic_where_it_is_and_needs_no_nodes_elsewhere() -> None:
    decision = decide(
        replace(snapshot(votes=both(faults=("database_write:orders",))), databases=(ORDERS,), capacity={}), NOON
    )
    assert (decision.rule, decision.machine) == ("R331", "database_failover")
    assert not any(what.startswith("traffic") for what in decision.refusals)
