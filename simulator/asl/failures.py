"""How an execution fails, which rule of a state meets a failure, and how long a retry waits.

Source: Amazon States Language, https://states-language.net/#errors, and "Handling errors in Step Functions
workflows" of the Step Functions developer guide.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

RUNTIME: Final = "States.Runtime"
TIMEOUT: Final = "States.Timeout"
UNCATCHABLE: Final = frozenset({RUNTIME, "States.DataLimitExceeded"})
"""They end the execution: the developer guide says that neither a retrier nor a catcher ever meets them."""


class MachineFailed(Exception):  # noqa: N818 - a Fail state's outcome, named by the machine itself
    """A task, a state or a whole execution failed with this error name and cause.

    ``invoke`` raises it too, for what Lambda itself reports under a name that is no exception class of Python:
    ``Lambda.ServiceException``, ``Lambda.TooManyRequestsException``, ``Sandbox.Timedout``, ``States.Timeout``.
    """

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.error, self.cause = error, cause

    def told(self) -> dict[str, str]:
        """Return what a catcher puts into the document."""
        return {"Error": self.error, "Cause": self.cause}


class MachineTimedOut(MachineFailed):
    """The machine's own ``TimeoutSeconds`` passed: the execution ends TIMED_OUT, and no state can catch it."""


def rule_for(rules: Sequence[Mapping[str, Any]], error: str) -> int | None:
    """Return the number of the first rule that names an error: it alone decides.

    States.ALL is every error that can be caught; States.TaskFailed is every one of them but a time-out.
    """
    if error in UNCATCHABLE:
        return None
    for index, rule in enumerate(rules):
        names = rule["ErrorEquals"]
        if error in names or "States.ALL" in names or ("States.TaskFailed" in names and error != TIMEOUT):
            return index
    return None


class Retries:
    """The retries of one visit of one state: each retrier counts its own attempts."""

    __slots__ = ("_chance", "_count", "_pause", "_rules")

    def __init__(self, rules: Sequence[Mapping[str, Any]], chance: Callable[[], float]) -> None:
        self._rules, self._chance = rules, chance
        self._count: dict[int, int] = {}
        self._pause: dict[int, float] = {}

    def pause(self, error: str) -> float | None:
        """Count one more retry, and return how many seconds to wait before it; ``None`` when there is none.

        With ``JitterStrategy`` FULL it is anything from 0 to the whole pause, as ``chance`` (0 to 1) says.
        """
        index = rule_for(self._rules, error)
        if index is None:
            return None
        rule, count = self._rules[index], self._count.get(index, 0)
        if count >= rule.get("MaxAttempts", 3):
            return None
        whole = self._pause.get(index, float(rule.get("IntervalSeconds", 1)))
        self._count[index], self._pause[index] = count + 1, whole * rule.get("BackoffRate", 2.0)
        whole = min(whole, float(rule.get("MaxDelaySeconds", whole)))
        return whole * self._chance() if rule.get("JitterStrategy") == "FULL" else whole
