"""What may be expected: the words of ``expect`` and ``never``.

What a word means is in ``rehearsal.judging``; here is how it is written.
"""

from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from failover.decision import RULES
from rehearsal.facts import Gate
from rehearsal.form.carrying import CarriedLoad
from rehearsal.form.entries import EVERYWHERE, Entry, one_or_several, several, wrong
from rehearsal.form.executions import NONE, AnyExecutions, Executions


class IncidentWord(StrEnum):
    """How incidents stand: ``none`` was ever opened, or the one in its state, or all that were are ``closed``."""

    NONE = "none"
    OPEN = "open"
    WAITING = "waiting"
    HOLDING = "holding"
    CLOSED = "closed"


HOLD: Final = "hold"
INVARIANTS: Final = tuple(f"I{number}" for number in range(1, 17))


def _databases(value: Any) -> Any:
    return () if value == NONE else several(value)


def _known_rule(value: str) -> str:
    known = [rule.id for rule in RULES]
    if value not in known:
        raise wrong("no rule of the decision table", ", ".join(known), "name one of the rules")
    return value


def _known_invariant(value: str) -> str:
    if value != HOLD and value not in INVARIANTS:
        raise wrong("no invariant", f"{HOLD}, or a list of {', '.join(INVARIANTS)}", "name one of those")
    return value


def _everybody(value: Any) -> Any:
    return {EVERYWHERE: value} if isinstance(value, int) and not isinstance(value, bool) else value


def _written(item: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema(one_or_several(item))


REGION_SCHEMA: Final = {"type": "string", "examples": ["eu-west-1"]}
COUNT_SCHEMA: Final = {"type": "integer", "minimum": 0}

Regions = Annotated[tuple[str, ...], Field(min_length=1), BeforeValidator(several), _written(REGION_SCHEMA)]
Count = Annotated[int, Field(ge=0, strict=True)]


AFTERWARDS: Final = frozenset(
    {"lost_writes", "rto_seconds", "rpo_seconds", "carried", "write_pause_seconds", "invariants"}
)
"""The words that are judged when the play is over: on the whole of it, but ``carried`` on the time of its step."""


class Expectation(Entry):
    """Facts that are expected, all of them at once; under ``never``, none of them.

    Each list reads "one of". ``*`` stands for every region, client group or database there is.
    """

    writer: Regions | None = Field(
        default=None,
        description="the region whose gate is open and whose writes are acknowledged; `none` when there is no such",
    )
    served: bool | None = Field(
        default=None,
        description="every client group has had a write acknowledged since the newest fault and its own last failure",
    )
    refuses_writes: Regions | None = Field(
        default=None,
        description="a write sent straight to the database of each of these regions, as the application, is refused",
    )
    gate: dict[str, Gate] | None = Field(
        default=None, description="region: `open` (a write passes), `closed`, or `down` (its server does not run)"
    )
    traffic: dict[str, Regions] | None = Field(
        default=None,
        description="client group (or `*`): the regions, and no others, at which the product's name points for it; "
        "`notice` where it points at none",
    )
    no_traffic: Regions | None = Field(
        default=None,
        description="no client group's name points at these regions, and none reached one by its newest request",
    )
    decision: Annotated[
        tuple[Annotated[str, BeforeValidator(_known_rule)], ...] | None,
        BeforeValidator(several),
        _written({"enum": [rule.id for rule in RULES]}),
    ] = Field(default=None, description="the id of a rule that has been journalled since the start")
    no_decision: Literal[True] | None = Field(
        default=None, description="`true`: no rule that acts, asks or pages has been journalled since the start"
    )
    promotions: Annotated[
        dict[str, Count] | None,
        BeforeValidator(_everybody),
        WithJsonSchema({"anyOf": [COUNT_SCHEMA, {"type": "object", "additionalProperties": COUNT_SCHEMA}]}),
    ] = Field(default=None, description="promotion calls that were accepted since the start: in all, or per region")
    targets: Count | None = Field(
        default=None, description="in how many different regions a promotion was asked for, whatever the answer"
    )
    incident: Annotated[
        tuple[IncidentWord, ...] | None,
        BeforeValidator(several),
        _written({"enum": [each.value for each in IncidentWord]}),
    ] = Field(default=None, description="how incidents stand")
    executions: AnyExecutions = Field(
        default=None, description="`none` was started; or the states of all that were, or of any"
    )
    execution_error: Annotated[
        tuple[str, ...] | None, Field(min_length=1), BeforeValidator(several), _written({"type": "string"})
    ] = Field(default=None, description="an execution has ended with this error, by its name")
    journal: Annotated[
        tuple[str, ...] | None, Field(min_length=1), BeforeValidator(several), _written({"type": "string"})
    ] = Field(default=None, description="a line of this kind (`FENCED`) has been journalled since the start")
    term: Count | None = Field(default=None, description="the term of the newest incident: it grows with each takeover")
    unprotected: Annotated[
        tuple[str, ...] | None, BeforeValidator(_databases), _written({"type": "string", "examples": ["orders"]})
    ] = Field(default=None, description="exactly these databases have no copy left that follows the writer, or `none`")
    paged: bool | None = Field(default=None, description="whether a page has been sent since the start")
    api_calls: dict[str, Count] | None = Field(
        default=None, description="AWS service: how often the control plane called it since the start"
    )
    any_of: tuple["Expectation", ...] | None = Field(
        default=None, min_length=2, description="at least one of these holds, whole"
    )
    lost_writes: Count | None = Field(
        default=None, description="judged when the play is over: at most so many acknowledged writes are lost"
    )
    rto_seconds: float | None = Field(
        default=None, gt=0, description="judged when the play is over: the recovery took at most so long"
    )
    rpo_seconds: float | None = Field(
        default=None,
        ge=0,
        description="judged when the play is over: the oldest lost write was at most so old when the outage began",
    )
    carried: CarriedLoad | None = Field(
        default=None,
        description="judged when the play is over: of the writes due in the time of this `until` step, the share that "
        "was acknowledged, and how late",
    )
    write_pause_seconds: float | None = Field(
        default=None, gt=0, description="judged when the play is over: the longest time without an acknowledged write"
    )
    invariants: Annotated[
        tuple[Annotated[str, BeforeValidator(_known_invariant)], ...] | None,
        BeforeValidator(several),
        _written({"enum": [HOLD, *INVARIANTS]}),
    ] = Field(default=None, description="judged when the play is over: `hold`, or a list of those that must")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        said = self.said()
        if not said:
            raise wrong("says nothing", ", ".join(type(self).model_fields), "write at least one word")
        late = [word for each in self.any_of or () for word in each.said() if word in AFTERWARDS]
        if late:
            raise wrong(
                f"any_of says {', '.join(late)}",
                "words that are judged at a moment",
                "what is judged when the play is over stands beside any_of",
            )
        return self

    def said(self) -> dict[str, Any]:
        """Return the words that were written, with their values."""
        return {word: getattr(self, word) for word in type(self).model_fields if word in self.model_fields_set}

    def told(self) -> str:
        """Return the words as one line for people."""
        return ", ".join(f"{word} {_told(value)}" for word, value in self.said().items())


def _told(value: Any) -> str:
    if isinstance(value, Expectation):
        return "{" + value.told() + "}"
    if isinstance(value, Executions | CarriedLoad):
        return value.told()
    if isinstance(value, dict):
        if list(value) == [EVERYWHERE]:
            return _told(value[EVERYWHERE])
        return ", ".join(f"{key}: {_told(each)}" for key, each in value.items())
    if isinstance(value, tuple):
        return " or ".join(_told(each) for each in value) or NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.value if isinstance(value, StrEnum) else f"{value:g}" if isinstance(value, float) else str(value)
