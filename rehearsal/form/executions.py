"""What may be expected of executions of state machines: the word ``executions`` of ``expect``."""

from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from rehearsal.facts import ExecutionState
from rehearsal.form.entries import Entry, one_or_several, several, wrong

NONE: Final = "none"
STATE_SCHEMA: Final = {"enum": [each.value for each in ExecutionState]}
STATES_SCHEMA: Final = one_or_several(STATE_SCHEMA)
States = Annotated[tuple[ExecutionState, ...], Field(min_length=1), BeforeValidator(several)]


def _all_of(value: Any) -> Any:
    if value == NONE:
        return {NONE: True}
    return {"all": value} if isinstance(value, str | list | tuple) else value


class Executions(Entry):
    """``all`` that were started, at least one, are in one of these states; or ``any`` is; or ``none`` was started.

    With ``machine``, only those of that state machine are meant.
    """

    machine: str | None = None
    all: States | None = None
    any: States | None = None
    none: Literal[True] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if len(self.model_fields_set - {"machine"}) != 1:
            raise wrong(
                "says not of which executions", "all, any or none", "write {all: succeeded}, {any: failed} or none"
            )
        return self

    def told(self) -> str:
        """Return it as one line for people."""
        said = [(how, states) for how, states in self if how != "machine" and states is not None]
        told = " ".join(NONE if how == NONE else f"{how} {' or '.join(states)}" for how, states in said)
        return told if self.machine is None else f"of {self.machine}: {told}"


AnyExecutions = Annotated[
    Executions | None,
    BeforeValidator(_all_of),
    WithJsonSchema(
        {
            "anyOf": [
                {"const": NONE},
                STATES_SCHEMA,
                {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "machine": {"type": "string"},
                        "all": STATES_SCHEMA,
                        "any": STATES_SCHEMA,
                        "none": {"const": True},
                    },
                },
            ]
        }
    ),
]
