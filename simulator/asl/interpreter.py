"""Runs a machine: from its first state to its end, or on from where it stood."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.asl.history import Event
from simulator.asl.language import Understood, understood
from simulator.asl.progress import Progress
from simulator.asl.walk import Walk

Invoke = Callable[[str, Any, float], Any]
"""(function, payload, time limit in seconds) → result.

It raises what the function raises, whose class name is the error's, or ``MachineFailed`` with Lambda's own name for
what went wrong; ``MachineFailed("States.Timeout", …)`` when the limit has passed. It changes neither payload nor
result afterwards: documents are shared.
"""


def one_after_another(plays: Sequence[Callable[[], Any]], _name: str) -> list[Any]:
    """Have things done in turn; the first that raises ends it."""
    return [play() for play in plays]


@dataclass(slots=True)
class Interpreter:
    """One machine, ready to be executed any number of times, also several times at once.

    ``substitutions`` are those of the deployment (``PromoteDatabaseArn`` → a function's name); ``invoke`` calls a
    function; ``sleep`` passes time. The rest has simple defaults:

    - ``entered`` hears the name of each state as it begins, ``observe`` hears all that happens;
    - ``together`` has branches done at once and raises the first failure, when the others are stopped;
    - ``chance`` draws from 0 to 1 for pauses with jitter; by default each is the longest possible;
    - ``now`` is a clock in seconds, for the machine's own time limit; by default it stands still.
    """

    machine: Mapping[str, Any]
    invoke: Invoke
    sleep: Callable[[float], None]
    substitutions: Mapping[str, str]
    entered: Callable[[str], None] | None = None
    observe: Callable[[Event], None] | None = None
    together: Callable[[Sequence[Callable[[], Any]], str], list[Any]] = one_after_another
    chance: Callable[[], float] = lambda: 1.0
    now: Callable[[], float] = lambda: 0.0

    def __post_init__(self) -> None:
        if not isinstance(self.machine, Understood):
            self.machine = understood(self.machine)

    def execute(self, document: Any, execution: str, progress: Progress | None = None) -> Any:
        """Run to the end and return the output.

        Args:
            document: the input.
            execution: its id, which ``$$.Execution.Id`` is.
            progress: an empty one, which then always says how far it came; it outlives whoever runs this.

        Raises:
            MachineTimedOut: the machine's own time limit passed.
            MachineFailed: it ended FAILED.
        """
        progress = Progress() if progress is None else progress
        progress.state, progress.document = self.machine["StartAt"], document
        return Walk(self, progress, execution).run()

    def redrive(self, progress: Progress, execution: str) -> Any:
        """Go on where an execution ended without success, and return the output; raises as ``execute`` does.

        The state that did not succeed is worked on again with the same input. Of a Map or Parallel only the branches
        that had not succeeded are, each from its own such state. Retries and the machine's time limit begin anew
        (Step Functions developer guide, "Restarting state machine executions with redrive").

        Raises:
            NotRedrivableError: nothing is left to do.
        """
        progress.require_redrivable()
        return Walk(self, progress, execution).run()
