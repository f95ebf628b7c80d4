"""The checker holds a failover that is as it should be for sound, and finds each way in which it is not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failover.adapters.memory.surroundings import NOON
from failover.invariants import Acknowledged, Chronicle, DnsAnswer, WorkDone, check
from failover.records import Health, LeaseRecord, LeaseState, LossAllowed, Pause, Phase, Word, WordKind
from failover.tails import Archive
from failover.topology import Engine
from simulator.checking import Checker, Violated, Write
from tests.products import AP, EU, US, quickstart
from tests.unit.simulator.checking.plays import (
    EXECUTION,
    INCIDENT,
    INCIDENT_ITEM,
    STEPS,
    Line,
    Play,
    archived,
    nothing,
    played,
    voting,
    writing,
)

Steps = dict[str, Callable[[Play], None]]


def both(*steps: Callable[[Play], None]) -> Callable[[Play], None]:
    """Several things in place of a step."""

    def do(play: Play) -> None:
        for step in steps:
            step(play)

    return do


def choosing(allowed: LossAllowed) -> Callable[[Play], None]:
    return lambda play: play.items(41.0, phase=Phase.PROMOTING, target=EU, allowed=allowed)


def bound(said: str) -> Callable[[Play], None]:
    return lambda play: play.told(41.1, "PROMOTING", epoch=2, facts={"loss_bound": said})


def consent(play: Play, *, refuses: bool = False) -> None:
    moment = NOON + timedelta(seconds=35)
    word = Word(WordKind.CONSENT, "orders", "me", "", moment, moment + timedelta(hours=1), refuses)
    play.checker.stored(word, 35.0)


BROKEN: dict[str, tuple[str, Steps, str]] = {
    "a-gate-that-outlives-the-wait": (
        "I2",
        {"admitted_first": lambda play: play.gate(0.0, US, 1, 40.5)},
        "WAITED_OUT, and the gate in us-east-1 is open for 0.50 s more",
    ),
    "a-guard-that-opens-what-was-waited-out": (
        "I2",
        {"tell_wait": lambda play: play.gate(40.3, US, 1, 59.0)},
        "opened again under epoch 1, WAITED_OUT since 40.00 s",
    ),
    "a-write-after-the-wait": (
        "I2",
        {"tell_choose": lambda play: play.write(40.8, US, 1, 4080)},
        "us-east-1 committed under epoch 1 at 40.80 s, WAITED_OUT since 40.00 s",
    ),
    "promoting-what-was-not-revoked": ("I2", {"revoke": nothing, "wait": nothing}, "the lease was not revoked"),
    "promoting-without-wait": ("I2", {"wait": nothing}, "neither FENCED nor waited out"),
    "two-gates": ("I1", {"admitted_first": lambda play: play.gate(0.0, US, 1, 50.0)}, "are open at once"),
    "an-epoch-on-two-timelines": (
        "I1",
        {"vote": both(lambda play: play.timelines.update({US: Line()}), lambda play: play.write(31.0, US, 1, 3100))},
        "epoch 1 was written on two timelines",
    ),
    "a-write-that-is-acknowledged-twice": (
        "I1",
        {"close": lambda play: play.checker.acknowledged("orders", play.checker.history.writes["orders"][-1])},
        "acknowledged twice",
    ),
    "a-gate-of-an-epoch-that-nobody-granted": (
        "I11",
        {"close": lambda play: play.gate(61.0, EU, 3, 70.0)},
        "open under epoch 3, never granted to anybody",
    ),
    "a-gate-of-another-regions-epoch": (
        "I11",
        {"close": lambda play: play.gate(61.0, AP, 2, 70.0)},
        "open under epoch 2, granted to eu-west-1",
    ),
    "a-promotion-that-nobody-chose": ("I7", {"close": lambda play: play.promote(61.0, AP, 10)}, "promoted in ap-"),
    "more-lost-than-the-bound-said": ("I3", {"tell_choose": bound("3.9 s")}, "its bound said at most 3.9 s"),
    "something-lost-though-the-bound-said-nothing": (
        "I3",
        {"promote": lambda play: play.promote(45.0, EU, 2900), "tell_choose": bound("0.0 s")},
        "1 acknowledged writes of the last 0.00 s are lost, and its bound said at most 0 s",
    ),
    "a-planned-move-that-loses": ("I3", {"choose": choosing(LossAllowed.NONE)}, "lost by a planned move"),
    "more-lost-than-the-objective": (
        "I3",
        {
            "first_writes": writing(US, 1, range(-60, 31)),
            "promote": lambda play: play.promote(45.0, EU, -3150),
        },
        "are lost without consent, 60 s were allowed",
    ),
    "a-bound-over-the-objective-called-within": ("I3", {"tell_choose": bound("61.0 s")}, "it is WITHIN_OBJECTIVE"),
    "a-consent-that-nobody-gave": ("I3", {"choose": choosing(LossAllowed.CONSENTED)}, "consent that nobody gave"),
    "a-consent-that-was-refused": (
        "I3",
        {
            "tell_revoke": both(STEPS["tell_revoke"], lambda play: consent(play, refuses=True)),
            "choose": choosing(LossAllowed.CONSENTED),
        },
        "consent that nobody gave",
    ),
    "a-write-in-no-history": (
        "I3",
        {"close": both(lambda play: play.timelines.update({AP: Line()}), lambda play: play.write(60.0, AP, 2, 9))},
        "1 acknowledged writes are in no history of the writer's",
    ),
    "less-archived-than-was-written": (
        "I14",
        {"archive": lambda play: play.items(90.0, diverged=archived(play, Archive("f", 4, 4, None, None, True, None)))},
        "the copy in us-east-1 alone has 5 acknowledged writes, 4 are archived",
    ),
    "rejoined-without-archive": ("I14", {"archive": nothing}, "what it had written was not archived before"),
    "a-stale-vote": (
        "I6",
        {"vote": both(lambda play: play.vote(-20.0, EU), lambda play: play.vote(-20.0, AP))},
        "opened on the votes of nobody",
    ),
    "a-blind-vote": (
        "I6",
        {"vote": both(lambda play: play.vote(29.0, EU), lambda play: play.vote(29.0, AP, seen=()))},
        "opened on the votes of ['eu-west-1']",
    ),
    "an-incident-in-place-of-another": (
        "I7",
        {"tell_wait": lambda play: play.orders(40.1, incident=replace(INCIDENT_ITEM, id="ap-southeast-1-9"))},
        "ap-southeast-1-9 was opened while us-east-1-2 was open",
    ),
    "two-executions-of-a-term": (
        "I7",
        {"tell_wait": lambda play: play.orders(40.1, incident=replace(INCIDENT_ITEM, execution="another"))},
        "joined us-east-1-2, term 1",
    ),
    "a-call-of-route-53": (
        "I8",
        {"tell_wait": lambda play: play.checker.called(40.1, EU, US, "route53", "ChangeResourceRecordSets")},
        "eu-west-1 called route53:ChangeResourceRecordSets in us-east-1",
    ),
    "undone-after-the-point-of-no-return": (
        "I10",
        {
            "archive": nothing,
            "rejoin": nothing,
            "rejoined": nothing,
            "admit": lambda play: play.items(
                46.0, phase=Phase.STEADY, incident=None, lease=replace(play.record.lease, state=LeaseState.GRANTED)
            ),
        },
        "granted again after its point of no return",
    ),
    "promoted-in-a-pause": (
        "I12",
        {"tell_wait": lambda play: play.orders(38.0, pause=Pause("", NOON + timedelta(seconds=100)))},
        "PROMOTING 0:00:03 after the pause",
    ),
    "fenced-and-never-told": ("I13", {"tell_wait": nothing}, "LEASE_WAITED_OUT orders of us-east-1-2 came to be at 40"),
    "closed-and-never-told": ("I13", {"tell_close": nothing}, "was never told"),
    "the-last-region-evacuated": (
        "I5",
        {"tell_evacuate": lambda play: play.orders(32.1, evacuated={US: INCIDENT, EU: INCIDENT, AP: INCIDENT})},
        "was evacuated, and no region was left",
    ),
    "an-empty-answer": (
        "I5",
        {"close": lambda play: play.checker.recorded(DnsAnswer(61.0, "app", US, ()), 61.0)},
        "app answered nothing to users in us-east-1",
    ),
    "a-mute-refusal": (
        "I5",
        {"close": lambda play: play.checker.answered(61.0, US, EU, acknowledged=False)},
        "eu-west-1 refused a write of us-east-1 without saying why",
    ),
    "a-worker-in-the-old-region": (
        "I15",
        {"close": lambda play: play.checker.recorded(WorkDone(61.0, "nightly", "orders", US, 2), 61.0)}
        | {"tell_admit": lambda play: play.checker.recorded(WorkDone(47.0, "nightly", "orders", EU, 2), 47.0)},
        "nightly worked in us-east-1 under epoch 2, which is eu-west-1's",
    ),
}

FAILBACK = replace(INCIDENT_ITEM, id="us-east-1-1", rule="MANUAL", machine="failback", execution="by-hand-1")

HOLDING: dict[str, Steps] = {
    "an-old-vote-that-was-repeated": {"vote": voting((-30.0, EU), (-30.0, AP), (29.0, EU), (29.0, AP))},
    "a-source-that-answered-its-fence": {
        "wait": both(lambda play: play.gate(39.0, US, 1, 39.0), lambda play: play.items(40.0, phase=Phase.FENCED)),
        "tell_wait": lambda play: play.told(40.1, "FENCED"),
    },
    "a-line-that-comes-after-the-next-effect": {
        "tell_wait": nothing,
        "tell_choose": both(bound("20.0 s"), lambda play: play.told(41.2, "LEASE_WAITED_OUT")),
    },
    "a-loss-with-consent": {
        "tell_revoke": both(lambda play: play.told(33.1, "LEASE_REVOKED"), consent),
        "choose": choosing(LossAllowed.CONSENTED),
        "tell_choose": bound("unknown"),
    },
    "a-client-that-hears-late": {
        "close": both(
            lambda play: play.write(30.5, US, 1, 3050), lambda play: play.orders(60.0, incident=None, closed=INCIDENT)
        ),
        "archive": lambda play: play.items(90.0, diverged=archived(play, Archive("f", 6, 6, None, None, True, None))),
    },
    "a-failback-given-up-before-its-first-word": {
        "open": both(
            lambda play: play.orders(30.8, incident=FAILBACK, term=1),
            lambda play: play.say(30.9, "INCIDENT_OPENED", incident=FAILBACK.id, rule="MANUAL", digest="d1"),
            lambda play: play.orders(31.0, incident=replace(INCIDENT_ITEM, term=2), term=2),
            lambda play: play.say(31.05, "PREEMPTED", incident=FAILBACK.id),
        ),
        "join": lambda play: play.orders(
            31.5, incident=replace(INCIDENT_ITEM, term=2, execution=f"arn:aws:states:{EXECUTION}")
        ),
    },
    "a-bound-that-is-just-enough": {"tell_choose": bound("4.0 s")},
    "a-gap-that-an-operator-consented-to": {
        "archive": lambda play: play.items(90.0, diverged=archived(play, Archive("f", 1, 1, None, None, False, None)))
    },
    "a-promotion-by-hand": {
        "close": both(
            lambda play: play.promote(60.0, AP, 10, by_hand=True),
            lambda play: play.orders(60.0, incident=None, closed=INCIDENT),
        )
    },
}


def test_a_failover_as_it_should_be_is_sound() -> None:
    assert played().end() == {}


def test_everything_was_looked_at() -> None:
    play = played()
    play.end()
    looked_at = {name.split()[0]: each.checked for name, each in play.checker.verdicts().items()}
    assert looked_at["I1"] == looked_at["I11"] == 43
    assert [number for number, things in looked_at.items() if things == 0] == ["I8", "I15"]


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_wrong_is_found_and_said(case: str) -> None:
    number, instead, why = BROKEN[case]
    told = played(None, **instead).end()
    assert number in told
    assert why in told[number]


@pytest.mark.parametrize("case", HOLDING)
def test_what_is_right_in_another_way_is_not_complained_of(case: str) -> None:
    assert played(None, **HOLDING[case]).end() == {}


def test_a_violation_ends_the_schedule_with_the_event_that_broke_it() -> None:
    checker = Checker(quickstart(), lambda _, __: Line())
    checker.look()
    checker.called(1.0, EU, US, "iam", "CreateRole")
    checker.look()  # no incident is open
    checker.stored(played().control, 2.0)
    checker.gate(3.0, "orders", EU, 7, 5.0)
    with pytest.raises(Violated, match=r"I11 at 3.000 s: orders: the gate in eu-west-1 is open under epoch 7"):
        checker.look()


def test_a_checker_that_goes_on_raises_nothing_and_keeps_all() -> None:
    play = played(None, **BROKEN["two-gates"][1])
    play.checker.look()
    assert {each.invariant for each in play.checker.broken} >= {"I1", "I2"}


WRITES = st.lists(
    st.tuples(st.floats(0.0, 50.0), st.sampled_from([US, US, US, EU, AP]), st.sampled_from([1, 1, 1, 2, 3])),
    max_size=30,
)


@given(WRITES, st.randoms(use_true_random=False))
def test_writes_that_are_passed_over_would_have_broken_nothing(
    writes: list[tuple[float, str, int]], chance: Any
) -> None:
    """The checker shows few writes to the invariants, in the order in which clients hear; the judgement is the same."""
    timeline, checker = Line(), Checker(quickstart(), lambda _, __: Line(), goes_on=True)
    heard = [Write(at, epoch, 0, timeline, region, US, number) for number, (at, region, epoch) in enumerate(writes)]
    chance.shuffle(heard)
    for write in heard:
        checker.acknowledged("orders", write)
    checker.ended(60.0)
    whole = check(
        Chronicle(
            quickstart(), 0.0, (), acknowledged=tuple(Acknowledged(w.at, "orders", w.region, w.epoch) for w in heard)
        )
    )
    for name in ("I1 one writer", "I11 closed"):
        assert checker.verdicts()[name].holds == whole[name].holds, name
        assert checker.verdicts()[name].checked == whole[name].checked


def test_a_region_that_an_observer_sees_again_is_no_evidence() -> None:
    told = played(
        None, vote=both(lambda play: play.vote(20.0, EU), lambda play: play.vote(21.0, AP, Health.HEALTHY))
    ).end()
    assert "I6" in told


def test_a_source_that_has_its_lease_back_may_open_its_gate_again() -> None:
    play = Play()
    play.items(33.0, lease=replace(play.record.lease, state=LeaseState.REVOKED), phase=Phase.REVOKED, incident=INCIDENT)
    play.items(40.0, phase=Phase.WAITED_OUT)
    play.items(41.0, lease=replace(play.record.lease, state=LeaseState.GRANTED), phase=Phase.STEADY, incident=None)
    play.gate(42.0, US, 1, 60.0)
    play.write(43.0, US, 1, 4300)
    assert [each for each in play.checker.broken if each.invariant == "I2"] == []


def test_an_overtaken_epochs_write_is_found_at_once() -> None:
    play = Play()
    play.items(40.0, writer=EU, epoch=2, phase=Phase.ADMITTED)
    for at, region, epoch in ((39.0, US, 1), (41.0, EU, 2), (42.0, US, 1)):
        assert play.checker.broken == []
        play.write(at, region, epoch, int(at))
    assert play.checker.broken[0].why == "orders: us-east-1 committed under epoch 1 at 42.00 s, after epoch 2 had begun"


def test_a_new_epochs_first_write_is_held_against_the_newest_of_the_old_one() -> None:
    play = Play()
    play.items(40.0, writer=EU, epoch=2, phase=Phase.ADMITTED)
    for at, region, epoch in ((39.0, US, 1), (42.0, US, 1), (41.0, EU, 2)):  # a client can hear late
        assert play.checker.broken == []
        play.write(at, region, epoch, int(at))
    assert play.checker.broken[0].why == "orders: us-east-1 committed under epoch 1 at 42.00 s, after epoch 2 had begun"


def test_a_loss_of_which_clients_hear_late_is_weighed_at_the_end() -> None:
    def late(play: Play) -> None:
        play.orders(60.0, incident=None, closed=INCIDENT, outcome="FAILED_OVER")
        first = play.checker.history.writes["orders"][0]
        play.checker.acknowledged("orders", first._replace(at=36.5, position=3650, number=1000))

    play = played(None, tell_choose=bound("10.0 s"), close=late)
    assert [each.invariant for each in play.checker.broken if each.at < 46.0] == []
    assert "of the last 10.50 s are lost, and its bound said at most 10 s" in play.end()["I3"]


def test_a_timeline_has_of_its_grandparents_what_each_fork_left() -> None:
    play, first = Play(), Line()
    second = Line(first, 100)
    third = Line(second, 50)  # of a replica that had fallen behind the first fork
    writes = [Write(float(at), 1, at, first, US, US, at) for at in (40, 50, 60, 110)]
    play.checker.history.writes["orders"] += writes
    assert [each.position for each in play.checker.history.own("orders", US, second, 0.0)] == [110]
    assert [each.position for each in play.checker.history.own("orders", US, third, 0.0)] == [60, 110]
    assert [each.position for each in play.checker.history.own("orders", US, third, 60.0)] == [110]


@pytest.mark.parametrize(("phase", "asked"), [(Phase.PROMOTING, False), (Phase.STEADY, True)])
def test_a_database_past_its_point_of_no_return_has_no_writer_whose_history_is_asked(
    phase: Phase,
    asked: bool,
) -> None:
    """An Aurora cluster whose incident holds after the promotion: the old writer follows already, and lost its tail."""
    play = Play()
    play.write(10.0, US, 1, 9)
    play.timelines[US] = Line()
    play.items(40.0, phase=phase, incident=INCIDENT, target=EU)
    play.checker.ended(60.0, running=True)
    assert ("I3" in {each.invariant for each in play.checker.broken}) is asked


@pytest.mark.parametrize(("after", "running", "told"), [(1.0, True, True), (1.0, False, False), (60.0, True, False)])
def test_a_play_that_is_cut_short_between_a_write_and_its_line_is_no_silence(
    after: float,
    running: bool,
    told: bool,
) -> None:
    play = Play()
    play.items(40.0, lease=replace(play.record.lease, state=LeaseState.REVOKED), phase=Phase.REVOKED, incident=INCIDENT)
    play.checker.ended(40.0 + after, running=running)
    untold = [each for each in play.checker.broken if each.invariant == "I13"]
    assert (not untold) is told


def test_what_a_promotion_past_lifeboat_lost_is_asked_of_nobody_where_the_engine_makes_all_follow_it() -> None:
    """An Aurora cluster that somebody promotes: the old writer becomes its replica, with all that it alone had."""
    for engine, broken in ((Engine.AURORA_POSTGRES, False), (Engine.RDS_POSTGRES, True)):
        (orders,) = quickstart().databases
        play = Play(quickstart(databases=(replace(orders, engine=engine),)))
        play.write(31.0, US, 1, 3100)
        play.timelines[EU] = Line(play.timelines[US], 3000)
        play.checker.promoted(32.0, "orders", EU, by_hand=True)
        play.timelines[US] = play.timelines[EU]  # it follows
        assert ("I3" in play.end()) is broken


def test_what_an_earlier_failover_lost_is_not_a_later_ones_loss() -> None:
    play = played()
    play.timelines[AP] = Line(play.timelines[EU], 5900)
    play.items(110.0, lease=replace(play.record.lease, state=LeaseState.REVOKED), phase=Phase.REVOKED, incident="eu-9")
    play.items(111.0, phase=Phase.FENCED)
    play.items(112.0, phase=Phase.PROMOTING, target=AP, allowed=LossAllowed.NONE)
    play.items(113.0, phase=Phase.ADMITTED, writer=AP, epoch=3, lease=LeaseRecord(LeaseState.GRANTED, 3))
    assert [each for each in play.checker.broken if each.invariant == "I3"] == []
    assert "I3" not in play.end()


def test_a_failback_that_is_given_up_for_a_failover_ends_with_its_opening() -> None:
    play, back = Play(), replace(INCIDENT_ITEM, id="ap-southeast-1-1", machine="failback", rule="MANUAL")
    play.orders(5.0, incident=back, term=1)
    play.say(5.1, "INCIDENT_OPENED", incident=back.id, rule="MANUAL", digest="d1")
    tell = both(lambda play: play.say(31.1, "PREEMPTED", incident=back.id), STEPS["tell_open"])
    assert played(play, tell_open=tell).end() == {}
