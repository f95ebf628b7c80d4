"""Room for the users of a lost region: as much as they need, before they come, and from nobody who is lost."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failover.adapters.memory import MemoryCompute
from failover.errors import CapacityMissingError, CapacityNotReadyError, StaleTermError
from failover.procedures.capacity import Need, prepare_capacity
from failover.records import Health, Vote
from failover.regional_ports import Nodes
from failover.topology import Capacity, Region, Role, Topology
from tests.products import AP, EU, US, quickstart
from tests.unit.procedures.incidents import OpenIncident
from tests.worlds import World

ORDINARY = Capacity(2, 6)


def of(us: Capacity = ORDINARY, eu: Capacity = ORDINARY, ap: Capacity = ORDINARY) -> Topology:
    regions = (
        Region(US, Role.PRIMARY, "global", "10.10.0.0/16", us),
        Region(EU, Role.SECONDARY, "global", "10.20.0.0/16", eu),
        Region(AP, Role.SECONDARY, "global", "10.30.0.0/16", ap),
    )
    return quickstart(regions=regions)


class Moving(OpenIncident):
    """The loss of us-east-1; ``compute`` is what the others have."""

    def __init__(self, topology: Topology | None = None, *, lost: bool = True) -> None:
        super().__init__(World(topology or of()))
        assert isinstance(self.world.services.compute, MemoryCompute)
        self.compute = self.world.services.compute
        self.compute.silent.add(US)
        if lost:
            for observer in (EU, AP):
                self.votes(observer, US, Health.UNHEALTHY)

    def votes(self, observer: str, subject: str, health: Health) -> None:
        now = self.world.clock.now()
        seen = ("a", "b", "c")
        self.world.store.cast(Vote(subject, observer, health, "", 99, 1, now, 60.0, seen))

    def evacuate(self, region: str) -> None:
        control = self.world.store.control()
        self.world.store.change_control(control, replace(control, evacuated={region: "an earlier incident"}))

    def prepare(self) -> dict[str, Any]:
        return prepare_capacity(self.ports, self.of_all())

    def prepared(self) -> dict[str, Any]:
        """Again and again, as the machine does it."""
        for _ in range(3):
            with suppress(CapacityNotReadyError):
                return self.prepare()
        raise AssertionError("the nodes never came")

    def desired(self) -> dict[str, int]:
        return {region: self.compute.nodes[region].desired for region in (EU, AP)}


def test_the_lost_regions_nodes_are_made_up_for_by_the_others() -> None:
    moving = Moving(of(us=Capacity(4, 6)))
    moving.prepared()
    assert moving.desired() == {EU: 4, AP: 4}


def test_who_has_more_takes_more_and_halves_are_rounded_up() -> None:
    moving = Moving(of(us=Capacity(3, 6), eu=Capacity(4, 12), ap=Capacity(2, 6)))
    moving.prepared()
    assert moving.desired() == {EU: 6, AP: 3}
    moving = Moving(of(us=Capacity(1, 6)))
    moving.prepared()
    assert moving.desired() == {EU: 3, AP: 3}


def test_what_one_has_no_room_for_goes_to_the_other() -> None:
    moving = Moving(of(us=Capacity(6, 6), eu=Capacity(2, 3), ap=Capacity(2, 9)))
    moving.prepared()
    assert moving.desired() == {EU: 3, AP: 7}


def test_a_region_that_was_lost_before_is_made_up_for_as_well() -> None:
    """Its users are with the ones that are left, and the nodes for them there were asked for by another incident."""
    moving = Moving(of(eu=Capacity(2, 9)))
    moving.evacuate(AP)
    moving.prepared()
    assert moving.compute.nodes[EU].desired == 6
    assert not [region for region, _ in moving.compute.asked if region == AP]


def test_a_zone_carries_its_own_users_alone() -> None:
    topology = of()
    abroad = replace(topology.regions[2], zone="elsewhere")
    moving = Moving(replace(topology, regions=(*topology.regions[:2], abroad)))
    moving.prepared()
    assert moving.desired() == {EU: 4, AP: 2}
    assert AP not in moving.compute.described


def test_nodes_that_are_asked_for_are_waited_for_and_not_asked_for_twice() -> None:
    moving = Moving()
    moving.compute.launch_seconds = 90
    for _ in range(3):
        with pytest.raises(CapacityNotReadyError, match="ap-southeast-1: 2 of 3; eu-west-1: 2 of 3"):
            moving.prepare()
    assert sorted(moving.compute.asked) == [(AP, 3), (EU, 3)]
    assert "CAPACITY_READY" not in moving.world.kinds()
    moving.world.clock.sleep(91)
    assert moving.prepare()["nodes"] == {EU: 3, AP: 3}


def test_where_there_is_enough_it_is_one_look() -> None:
    moving = Moving()
    for region in (EU, AP):
        moving.compute.nodes[region] = Nodes(5, 5, 6)
    moving.prepare()
    assert moving.compute.asked == []
    assert sorted(moving.compute.described) == [AP, EU]
    assert moving.world.kinds()[-1] == "CAPACITY_READY"


def test_nothing_is_scaled_down() -> None:
    moving = Moving()
    moving.compute.nodes[EU] = Nodes(6, 6, 6)
    moving.compute.nodes[AP] = Nodes(2, 2, 6)
    moving.prepared()
    assert moving.desired() == {EU: 6, AP: 3}


def test_the_lost_region_is_never_asked() -> None:
    moving = Moving()
    moving.prepared()
    assert US not in moving.compute.described
    assert US not in {region for region, _ in moving.compute.asked}


def test_without_room_it_is_said_at_once_and_nothing_is_asked_for() -> None:
    moving = Moving(of(us=Capacity(6, 6), eu=Capacity(2, 4), ap=Capacity(2, 4)))
    with pytest.raises(
        CapacityMissingError, match=r"6 nodes .* room for 4: eu-west-1 may have 4 and needs 2.*most_nodes"
    ):
        moving.prepare()
    assert moving.compute.asked == []


def test_a_cloud_that_launches_no_more_leaves_it_to_the_others_or_refuses() -> None:
    moving = Moving()
    moving.compute.refused[EU] = "InsufficientInstanceCapacity"
    moving.prepared()
    assert moving.desired() == {EU: 2, AP: 4}
    moving.compute.refused[AP] = "InsufficientInstanceCapacity"
    moving.compute.nodes[AP] = Nodes(2, 4, 6)
    with pytest.raises(CapacityMissingError, match="InsufficientInstanceCapacity"):
        moving.prepare()


@pytest.mark.parametrize("silent", [{EU}, {EU, AP}])
def test_what_is_unknown_holds_up_nobody_whose_region_is_down(silent: set[str]) -> None:
    """Nobody is served there: moving loses nothing. It is told."""
    moving = Moving()
    moving.compute.silent |= silent
    assert moving.prepared()["unknown"] == sorted(silent)
    assert not silent & {region for region, _ in moving.compute.asked}
    assert {"CAPACITY_UNKNOWN", "CAPACITY_READY"} <= set(moving.world.kinds())


def test_what_is_unknown_holds_up_a_region_that_still_serves() -> None:
    moving = Moving(lost=False)
    moving.compute.silent.add(EU)
    with pytest.raises(CapacityNotReadyError, match="us-east-1 still serves"):
        moving.prepare()
    assert moving.compute.asked == []


def test_an_operator_may_skip_it_and_who_moves_no_users_needs_none() -> None:
    for change in ({"skipped": ("PrepareCapacity",)}, {"evacuates": False}):
        moving = Moving()
        control = moving.world.store.control()
        assert control.incident is not None
        moving.world.store.change_control(control, replace(control, incident=replace(control.incident, **change)))
        assert moving.prepare() == {"capacity": "NOT_NEEDED"}
        assert moving.compute.described == []


def test_an_old_term_asks_for_nothing() -> None:
    moving = Moving()
    moving.superseded()
    with pytest.raises(StaleTermError):
        moving.prepare()
    assert moving.compute.described == []


capacities = st.tuples(st.integers(1, 40), st.integers(0, 40)).map(lambda each: Capacity(each[0], each[0] + each[1]))


@given(st.lists(capacities, min_size=1, max_size=6), st.integers(1, 80))
def test_enough_is_asked_for_within_everybodys_bounds_or_it_is_refused(found: list[Capacity], lost: int) -> None:
    staying = tuple(f"region-{number}" for number in range(len(found)))
    regions = tuple(Region(name, Role.SECONDARY, "z", "", each) for name, each in zip(staying, found, strict=True))
    need = Need(quickstart(regions=regions), staying, lost)
    nodes = {name: Nodes(each.nodes, each.nodes, each.most_nodes) for name, each in zip(staying, found, strict=True)}
    room = sum(each.most_nodes - each.nodes for each in found)
    if room < lost:
        with pytest.raises(CapacityMissingError):
            need.spread(nodes)
        return
    wanted = need.spread(nodes)
    assert all(need.own(name) <= wanted[name] <= nodes[name].most for name in staying)
    extra = sum(wanted[name] - need.own(name) for name in staying)
    assert lost <= extra < lost + len(staying)
