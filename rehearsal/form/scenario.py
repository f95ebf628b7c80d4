"""A scenario: what it proves, on which topology, and its steps in time."""

from enum import StrEnum
from typing import Final, Self

from pydantic import Field, model_validator

from rehearsal.form.durations import Duration, spoken
from rehearsal.form.entries import Entry, wrong
from rehearsal.form.events import Event
from rehearsal.form.expectations import AFTERWARDS, Expectation
from rehearsal.form.faults import OneFault, OneHealing
from rehearsal.form.load import Load
from rehearsal.form.operations import OneOperation
from rehearsal.form.timings import Timings


class When(StrEnum):
    """The three ways of saying when a step is due."""

    AT = "at"
    BY = "by"
    UNTIL = "until"


class Action(StrEnum):
    """What a step does or asks."""

    FAULT = "fault"
    HEAL = "heal"
    OPERATOR = "operator"
    EXPECT = "expect"
    NEVER = "never"


ALLOWED: Final = {
    When.AT: (Action.FAULT, Action.HEAL, Action.OPERATOR, Action.EXPECT, Action.NEVER),
    When.BY: (Action.EXPECT,),
    When.UNTIL: (Action.EXPECT, Action.NEVER),
}
READS: Final = {
    When.AT: "does it, or asks for it, at this moment",
    When.BY: "must become true no later",
    When.UNTIL: "must stay so all the while",
}


class Step(Entry):
    """One step: ``at``, ``by`` or ``until`` a time; one action; and perhaps a mark that names its moment.

    Times count from the start of the play, from a mark with ``after``, or from an event with ``upon``. What is
    watched (``by``, ``until``) is watched from the moment of the step before it, or from its mark or event on.
    """

    at: Duration | None = Field(default=None, description=f"`at`: {READS[When.AT]}")
    by: Duration | None = Field(default=None, description=f"`by`: {READS[When.BY]}")
    until: Duration | None = Field(default=None, description=f"`until`: {READS[When.UNTIL]}")
    after: str | None = Field(default=None, description="the mark from which the time counts")
    upon: Event | None = Field(default=None, description="the event from which the time counts")
    fault: OneFault | None = None
    heal: OneHealing | None = None
    operator: OneOperation | None = None
    expect: Expectation | None = None
    never: Expectation | None = None
    mark: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9-]*$", description="a name for this step's moment")

    @model_validator(mode="after")
    def _one_time_and_one_action(self) -> Self:
        times = [each.value for each in When if getattr(self, each.value) is not None]
        actions = [each.value for each in Action if getattr(self, each.value) is not None]
        if len(times) != 1:
            raise wrong(
                f"has {' and '.join(times) or 'no time'}",
                "exactly one of at, by, until",
                "write one time, as in `at: 10s`",
            )
        if self.after is not None and self.upon is not None:
            raise wrong("says after and upon", "a mark or an event", "write one of them: a time counts from one moment")
        if len(actions) > 1 or (not actions and (self.mark is None or self.at is None)):
            raise wrong(
                f"has {' and '.join(actions) or 'no action'}",
                "exactly one of " + ", ".join(Action) + "; or at with a mark alone",
                "write one action; a second one is a step of its own",
            )
        if actions and Action(actions[0]) not in ALLOWED[When(times[0])]:
            raise wrong(
                f"says {times[0]} with {actions[0]}",
                f"{times[0]} goes with " + ", ".join(ALLOWED[When(times[0])]),
                "a fault, a heal and an operator happen at a moment; what is never true, is so until a time",
            )
        if self.never is not None and AFTERWARDS & set(self.never.said()):
            raise wrong(
                "never says what is judged when the play is over",
                "words that are judged at a moment",
                "write it as expect, with the value that it must have",
            )
        if self.words is not None and self.words.carried is not None and self.when is not When.UNTIL:
            raise wrong(
                f"says {times[0]} with carried",
                "carried goes with until: it is about all the time from the moment of the step before, or a mark, on",
                "write it as until, as in `until: 60s`",
            )
        return self

    @property
    def when(self) -> When:
        """Which of the three times is said."""
        if self.at is not None:
            return When.AT
        return When.BY if self.by is not None else When.UNTIL

    @property
    def seconds(self) -> float:
        """The time said, from the start or the mark."""
        return float(getattr(self, self.when.value))

    @property
    def action(self) -> Action | None:
        """Which action is said; ``None`` for a mark alone."""
        return next((each for each in Action if getattr(self, each.value) is not None), None)

    @property
    def words(self) -> Expectation | None:
        """What an ``expect`` or ``never`` step says."""
        return self.expect if self.expect is not None else self.never

    def told(self) -> str:
        """Return the step as one line for people."""
        since = self.upon.told() if self.upon is not None else self.after
        time = f"{self.when.value} {spoken(self.seconds)}" + (f" after {since}" if since else "")
        return f"{time}: {self.asked()}"

    def asked(self) -> str:
        """Return the action as one line for people."""
        action, words = self.action, self.words
        if action is None:
            return f"mark {self.mark}"
        if words is not None:
            return f"{action.value} {words.told()}"
        thing = self.fault or self.heal or self.operator
        return f"{action.value} {thing if isinstance(thing, str) or thing is None else thing.line()}"


class Scenario(Entry):
    """A whole scenario; ``name`` is its file's."""

    proves: str = Field(min_length=1, description="one sentence: what is known when every expectation held")
    topology: str = Field(default="quickstart", description="a file's name in topologies/, or a path")
    timings: Timings = Timings()
    load: Load = Load()
    steps: tuple[Step, ...] = Field(min_length=1)
    name: str = Field(default="scenario", exclude=True)

    @property
    def events(self) -> tuple[Event, ...]:
        """The events from which times of steps count, each once."""
        return tuple(dict.fromkeys(step.upon for step in self.steps if step.upon is not None))
