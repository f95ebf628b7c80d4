"""What AWS Health says is kept, expires, and moves nothing."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from failover.adapters.memory.surroundings import NOON
from failover.procedures.noting import HealthEvent, note_advisory
from failover.records import WordKind
from tests.products import EU, US
from tests.worlds import World, invoke

ARN = f"arn:aws:health:{US}::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/AWS_EC2_OPERATIONAL_ISSUE_1"


@pytest.fixture
def world() -> World:
    return World()


def notice(status: str = "open", region: str = US, after: float = 0.0, arn: str = ARN) -> dict[str, Any]:
    """An event as EventBridge delivers it; ``after`` are seconds after noon."""
    return {
        "source": "aws.health",
        "detail-type": "AWS Health Event",
        "time": (NOON + timedelta(seconds=after)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "us-west-2",
        "detail": {
            "eventArn": arn,
            "eventTypeCode": "AWS_EC2_OPERATIONAL_ISSUE",
            "eventTypeCategory": "issue",
            "eventRegion": region,
            "statusCode": status,
        },
    }


def note(world: World, event: dict[str, Any], here: str = EU) -> str:
    return note_advisory(world.ports(here), world.topology, HealthEvent.parse(event))


def advised(world: World, region: str = US) -> bool:
    word = world.store.word(WordKind.ADVISORY, region)
    return word is not None and word.counts(world.clock.now())


def told(world: World) -> list[str]:
    return [kind for kind in world.kinds() if kind.startswith("ADVISORY")]


def until(world: World) -> datetime:
    word = world.store.word(WordKind.ADVISORY, US)
    assert word is not None
    return word.until


def test_it_is_kept_for_an_hour_and_says_what_and_who(world: World) -> None:
    assert note(world, notice()) == "NOTED"
    word = world.store.word(WordKind.ADVISORY, US)
    assert word is not None
    assert (word.about, word.by, word.reason) == (US, "AWS Health", f"AWS_EC2_OPERATIONAL_ISSUE {ARN}")
    assert word.until == NOON + timedelta(hours=1)
    assert told(world) == ["ADVISORY"]


def test_a_closed_event_ends_it(world: World) -> None:
    note(world, notice())
    assert note(world, notice("closed", after=60)) == "ENDED"
    assert world.store.word(WordKind.ADVISORY, US) is None
    assert told(world) == ["ADVISORY", "ADVISORY_ENDED"]


def test_every_control_region_hears_it_and_one_line_is_written(world: World) -> None:
    assert [note(world, notice(), here) for here in world.topology.control_regions] == ["NOTED", "KNOWN", "KNOWN"]
    assert [note(world, notice("closed")) for _ in range(3)] == ["ENDED", "IGNORED", "IGNORED"]
    assert told(world) == ["ADVISORY", "ADVISORY_ENDED"]


def test_an_event_that_goes_on_counts_on(world: World) -> None:
    note(world, notice())
    world.clock.sleep(1800)
    assert note(world, notice(after=1800)) == "NOTED"
    assert until(world) == NOON + timedelta(minutes=90)
    assert told(world) == ["ADVISORY"], "the same event is no news"


def test_what_comes_hours_late_counts_no_more(world: World) -> None:
    world.clock.sleep(3 * 3600)
    assert note(world, notice()) == "IGNORED"
    assert not advised(world)


def test_an_older_notice_changes_nothing(world: World) -> None:
    world.clock.sleep(600)
    note(world, notice(after=600))
    assert note(world, notice(after=60)) == "KNOWN"
    assert note(world, notice("closed", after=300)) == "IGNORED", "it was opened again since"
    assert until(world) == NOON + timedelta(minutes=70)


def test_another_events_end_does_not_end_this_one(world: World) -> None:
    note(world, notice())
    assert note(world, notice("closed", after=60, arn=f"{ARN}-other")) == "IGNORED"
    assert advised(world)


def test_a_clock_that_is_ahead_lends_no_time(world: World) -> None:
    note(world, notice(after=7200))
    assert until(world) == NOON + timedelta(hours=1)


@pytest.mark.parametrize("region", ["sa-east-1", "global"])
def test_other_places_are_nobodys_business(world: World, region: str) -> None:
    assert note(world, notice(region=region)) == "IGNORED"
    assert world.store.words() == ()


@pytest.mark.parametrize("status", ["upcoming", "closed"])
def test_only_an_open_event_is_kept(world: World, status: str) -> None:
    assert note(world, notice(status)) == "IGNORED"
    assert not advised(world)


def test_it_moves_nothing_however_often_it_is_said(world: World) -> None:
    world.run(20)
    for _ in range(5):
        note(world, notice(after=world.clock.elapsed()))
        world.run(60)
    assert (world.executed, world.pager.pages, world.store.control().incident) == ({}, [], None)


def test_the_function_reads_the_event_of_the_bus(world: World) -> None:
    with world.wired(EU):
        assert invoke("note_advisory", notice()) == {"subject": US, "outcome": "NOTED"}
    assert advised(world)
