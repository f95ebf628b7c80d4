"""Suppressed actions of composite alarms: waiting for the suppressor, and after it."""

from twin.alarms import State, SuppressedBy, Suppression

QUIET = Suppression(wait_seconds=60, extension_seconds=30, acted_on=State.OK)


def test_an_alarm_waits_for_its_suppressor_and_then_acts() -> None:
    waiting = QUIET.when_alarm_is(State.ALARM, 100)

    assert waiting.by is SuppressedBy.WAIT_PERIOD
    assert waiting.reason == "Actions suppressed by WaitPeriod"
    assert not waiting.at(159).owes(State.ALARM)
    assert waiting.at(160).owes(State.ALARM)


def test_a_suppressor_that_comes_in_time_suppresses() -> None:
    suppressed = QUIET.when_alarm_is(State.ALARM, 100).when_suppressor_is(True, 130)

    assert suppressed.by is SuppressedBy.ALARM
    assert not suppressed.at(1_000).owes(State.ALARM)


def test_after_the_suppressor_the_extension_runs() -> None:
    extended = QUIET.when_alarm_is(State.ALARM, 100).when_suppressor_is(True, 130).when_suppressor_is(False, 200)

    assert extended.by is SuppressedBy.EXTENSION_PERIOD
    assert not extended.at(229).owes(State.ALARM)
    assert extended.at(230).owes(State.ALARM)


def test_an_alarm_that_ends_while_it_is_suppressed_never_acts() -> None:
    ended = QUIET.when_alarm_is(State.ALARM, 100).when_alarm_is(State.OK, 120)

    assert not ended.at(1_000).owes(State.OK)


def test_the_end_of_an_alarm_that_was_told_is_told_at_once() -> None:
    told = QUIET.when_alarm_is(State.ALARM, 100).at(160).acted(State.ALARM)

    assert told.when_alarm_is(State.OK, 170).owes(State.OK)


def test_a_period_of_nothing_suppresses_nothing() -> None:
    hasty = Suppression(wait_seconds=0, extension_seconds=0, acted_on=State.OK)

    assert hasty.when_alarm_is(State.ALARM, 100).owes(State.ALARM)
    assert hasty.when_suppressor_is(True, 100).when_suppressor_is(False, 110).by is None
