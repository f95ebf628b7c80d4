"""Functions that die in the midst of a run: when their first write has happened, and before they learn so."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from twin.aws.calls.call import Call
from twin.aws.outages.rules import ANYWHERE

READS: Final = ("Get", "List", "Describe", "Query", "Scan", "BatchGet", "AssumeRole")
Kill = Callable[[str, str], None]


@dataclass(slots=True)
class _Due:
    region: str
    function: str
    times: int


class Deaths:
    """Which functions are to die in their next run; safe to use from several threads.

    A worker's calls carry its function's name (``AWS_SDK_UA_APP_ID``), so that the first of them that writes is
    known. One that writes nothing dies when it is about to answer.
    """

    def __init__(self, kill: Kill) -> None:
        self._kill = kill
        self._due: list[_Due] = []
        self._lock = threading.Lock()

    @property
    def due(self) -> bool:
        """Whether any function is to die: cheap, for who must ask often."""
        return any(each.times > 0 for each in self._due)

    def let_die(self, function: str, *, region: str = ANYWHERE, times: int = 1) -> None:
        """Let the next runs of a function die."""
        with self._lock:
            self._due.append(_Due(region, function, times))

    def spare(self, function: str, region: str = ANYWHERE) -> None:
        """Take back what is left of ``let_die``, named as it was."""
        with self._lock:
            self._due = [each for each in self._due if (each.function, each.region) != (function, region)]

    def wrote(self, function: str, call: Call) -> bool:
        """Kill the function that this call is from, if it is to die and the call has written; say whether so."""
        if not function or call.action.startswith(READS) or not self._take(function, call.source):
            return False
        self._kill(call.source, function)
        return True

    def answers(self, function: str, region: str) -> bool:
        """Say whether a function that is about to answer dies instead."""
        return self._take(function, region)

    def _take(self, function: str, region: str) -> bool:
        with self._lock:
            for each in self._due:
                if each.times > 0 and each.function == function and each.region in (region, ANYWHERE):
                    each.times -= 1
                    return True
            return False
