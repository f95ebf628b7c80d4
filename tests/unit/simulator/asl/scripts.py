"""What functions answer in an execution, said in advance, so that two engines can be asked the same."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any


@dataclass(frozen=True)
class Fault:
    """An answer that is none: the function raised, or Lambda, or nobody answered in time."""

    error: str
    message: str = "as the script says"

    @property
    def cause(self) -> str:
        """What Step Functions says of it: Lambda's document of an exception, nothing of a task that timed out."""
        if self.error == "States.Timeout":
            return ""
        return json.dumps({"errorType": self.error, "errorMessage": self.message}, separators=(",", ":"))


@dataclass
class Script:
    """Per function the answers in order, of which the last is repeated; one that is not named answers ``{}``.

    ``PromoteDatabase orders`` are the answers to one item's payload. Each item is counted for itself, so that it does
    not matter which branch asks first.
    """

    answers: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    _lock: Any = field(default_factory=Lock)

    def answer(self, function: str, payload: Any) -> Any:
        """Return the answer, which may be a ``Fault``; ``...`` is the payload itself."""
        item = payload.get("database") or payload.get("cache") if isinstance(payload, Mapping) else payload
        key = f"{function} {item}"
        with self._lock:
            number = self.asked[key]
            self.asked[key] += 1
        answers = self.answers.get(key, self.answers.get(function, ({},)))
        found = answers[min(number, len(answers) - 1)]
        return payload if found is ... else found

    def anew(self) -> "Script":
        """Return the same script from its beginning."""
        return Script(self.answers)


Step = tuple[str, str, Any]
"""entered or left; the state; its input or its output."""


@dataclass
class Trace:
    """What an engine says of an execution: its end, and the steps of each branch by its place."""

    status: str = "SUCCEEDED"
    output: Any = None
    error: str | None = None
    cause: str | None = None
    steps: dict[str, list[Step]] = field(default_factory=dict)
    pauses: list[float] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)

    def step(self, place: str, *step: Any) -> None:
        """Put one more step to a branch."""
        self.steps.setdefault(place, []).append((step[0], step[1], step[2]))
