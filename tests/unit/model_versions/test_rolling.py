"""Promises on new versions of models, looked at each minute over hours: decision, ports and records together."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from failover.errors import ModelsDeniedError
from failover.model_versions import RegionalModel
from tests.unit.model_versions.regions import AP, EU, ORDER, PLAN, US, Regions, everywhere

A_REGION_MINUTES = 4 * 30
"""Two shares, the whole, and the look at it: 30 minutes each."""


def test_a_version_comes_into_use_region_by_region_in_the_documents_order() -> None:
    world = everywhere("v1")
    world.publish("v2")
    world.run(minutes=3 * A_REGION_MINUTES)
    taken = {
        region: next(at for at, records in enumerate(world.history) if records[region].current == "v2")
        for region in ORDER
    }
    assert taken[AP] == 60  # 10 % for 30 minutes, 50 % for 30 minutes
    assert taken[AP] + 90 <= taken[EU] <= taken[US] - 90
    assert [world.using(region) for region in ORDER] == [("v2", None, 0)] * 3


def test_no_two_regions_try_a_version_at_once() -> None:
    world = everywhere("v1")
    world.publish("v2")
    world.run(minutes=4 * A_REGION_MINUTES)
    assert all(sum(each.candidate is not None for each in records.values()) <= 1 for records in world.history)
    assert world.look().rule == "M300"


def test_a_region_waits_for_all_files_of_its_variant() -> None:
    world = everywhere("v1")
    world.publish("v2")
    world.arrived.discard(AP)
    assert world.run(minutes=60) == ["M240"]
    world.arrived.add(AP)
    assert world.look().rule == "M260"


def test_a_version_without_a_regions_variant_stops_before_that_region() -> None:
    world = everywhere("v1")
    world.publish("v2", tiers=["standard"])
    world.run(minutes=600)
    assert world.using(AP) == ("v2", None, 0)
    assert world.using(EU) == ("v1", None, 0)


def test_what_answers_badly_is_taken_back_within_one_look_and_never_tried_again() -> None:
    world = everywhere("v1")
    world.publish("v2")
    world.bad = {EU: {"v2"}}
    world.run(minutes=600)
    assert [world.using(region) for region in ORDER] == [("v1", None, 0)] * 3
    assert world.refusals == [PLAN.name]
    tried = [records[EU].candidate == "v2" for records in world.history]
    assert sum(tried) == 1
    assert not any(records[US].candidate for records in world.history)


def test_the_next_version_is_tried_after_a_refusal() -> None:
    world = everywhere("v1")
    world.publish("v2")
    world.bad = {AP: {"v2"}}
    world.run(minutes=120)
    world.publish("v3")
    world.run(minutes=4 * A_REGION_MINUTES)
    assert [world.using(region)[0] for region in ORDER] == ["v3"] * 3


def test_a_version_that_turns_bad_after_it_was_taken_goes_back_to_the_one_before() -> None:
    world = everywhere("v1")
    world.publish("v2")
    world.run(minutes=65)
    assert world.using(AP) == ("v2", None, 0)
    world.bad = {AP: {"v2"}}
    assert world.look().rule == "M120"
    assert world.using(AP) == ("v1", None, 0)


def test_nothing_is_concluded_from_a_few_requests() -> None:
    world = everywhere("v1")
    world.publish("v2")
    world.requests = PLAN.least_requests  # a tenth of them go to the candidate
    assert world.run(minutes=600) == ["M260", "M270", "M230"]
    assert world.using(AP) == ("v1", "v2", 10)


def test_a_region_that_nobody_asks_follows_one_in_which_the_version_was_seen_well() -> None:
    world = everywhere("v1")
    world.publish("v2")
    world.idle = {US}
    world.run(minutes=4 * A_REGION_MINUTES)
    assert world.using(US) == ("v2", None, 0)


def test_a_first_region_that_nobody_asks_proves_nothing() -> None:
    world = everywhere("v1")
    world.publish("v2")
    world.idle = {AP}
    world.run(minutes=600)
    assert world.using(AP) == ("v1", "v2", 10)


def test_nothing_new_is_taken_into_use_while_an_incident_is_open_but_the_bad_is_taken_back() -> None:
    world = everywhere("v1")
    world.publish("v2")
    world.run(minutes=10)
    world.incident = True
    assert world.run(minutes=300) == ["M140"]
    world.bad = {AP: {"v2"}}
    assert world.look().rule == "M120"
    assert world.using(AP) == ("v1", None, 0)


def test_a_region_that_cannot_be_asked_is_waited_for_and_those_before_it_go_on() -> None:
    world = everywhere("v1")
    world.publish("v2")
    world.unseen = {EU}
    assert world.run(minutes=300)[-1] == "M210"
    assert world.using(AP)[0] == "v2"
    world.unseen = set()
    world.run(minutes=3 * A_REGION_MINUTES)
    assert world.using(US)[0] == "v2"


def test_a_region_that_says_no_is_told_of_and_the_bad_is_taken_back_in_all_others() -> None:
    world = everywhere("v1")
    world.publish("v2")
    world.run(minutes=100)
    world.denied, world.bad = {US}, {EU: {"v2"}}
    decision = world.look()
    assert (decision.rule, decision.denied) == ("M120", ("record in us-east-1: AccessDeniedException",))
    assert [world.using(region) for region in (AP, EU)] == [("v1", None, 0)] * 2


def test_a_region_that_may_not_read_its_own_record_does_not_call_itself_healthy() -> None:
    world = everywhere("v1")
    world.denied = {EU}
    with pytest.raises(ModelsDeniedError):
        world.healths(EU)
    assert world.health == {}


def test_a_refusal_reaches_a_region_that_could_not_be_asked_when_it_can() -> None:
    world = everywhere("v1")
    world.publish("v2")
    world.run(minutes=100)
    assert world.using(AP)[0] == "v2"
    world.unseen, world.bad = {AP}, {EU: {"v2"}}
    world.run(minutes=5)
    world.unseen = set()
    world.look()
    assert world.using(AP) == ("v1", None, 0)


def test_the_first_version_of_all_is_taken_at_once_one_region_after_the_other() -> None:
    world = Regions()
    world.publish("v1")
    world.run(minutes=100)
    assert [world.using(region) for region in ORDER] == [("v1", None, 0)] * 3
    assert sum(records[AP].current == "v1" and records[EU].current is None for records in world.history) == 30


def test_nothing_published_changes_nothing() -> None:
    world = everywhere("v1")
    world.version = None
    before = dict(world.records)
    assert world.run(minutes=10) == ["M110"]
    assert world.records == before


def test_of_two_looks_at_once_one_changes_the_record() -> None:
    world = everywhere("v1")
    world.publish("v2")
    records = world.ports().records
    stale = records.read(AP, PLAN.name)
    assert stale
    world.look()
    assert records.write(AP, RegionalModel(PLAN.name, "v9", revision=stale.revision + 1)) is False


@settings(max_examples=40, deadline=None)
@given(
    bad=st.dictionaries(st.sampled_from(ORDER), st.sets(st.sampled_from(["v2", "v3"]))),
    moments=st.lists(st.sampled_from(["publish v2", "publish v3", "incident", "calm", "blind", "sight"]), max_size=8),
    between=st.integers(min_value=1, max_value=90),
)
def test_whatever_happens_a_share_grows_step_by_step_and_the_refused_is_in_use_nowhere(
    bad: dict[str, set[str]], moments: list[str], between: int
) -> None:
    world = everywhere("v1")
    world.bad = bad
    for moment in [*moments, "calm", "sight"]:
        match moment.split():
            case ["publish", version]:
                world.publish(version)
            case ["blind"]:
                world.unseen = {EU}
            case ["sight"]:
                world.unseen = set()
            case [word]:
                world.incident = word == "incident"
        world.run(minutes=between)
    for before, after in pairwise(world.history):
        for region in ORDER:
            old, new = before[region], after[region]
            if new.current != old.current and old.current not in new.refused:
                assert old.candidate == new.current and old.share == 50
            assert new.share in (0, 10, 50)
            assert (new.share > 0) == (new.candidate is not None)
    world.look()
    last = world.version.version if world.version else None
    for record in world.records.values():
        assert record.candidate is None or record.candidate not in record.refused
        if last in record.refused:
            assert record.current != last
