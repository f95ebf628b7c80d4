"""Faults of single calls: the next so many of an action are refused, answered late, or never answered."""

import threading
from dataclasses import dataclass

from twin.aws.calls.call import Call
from twin.aws.outages.rules import ANYWHERE


@dataclass(frozen=True, slots=True)
class Refused:
    """The call has no effect, and this error is its answer."""

    code: str
    message: str
    status: int


@dataclass(frozen=True, slots=True)
class Late:
    """The call takes effect at once, and is answered so much later."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Lost:
    """The call takes effect; the connection is reset in place of the answer."""


Fault = Refused | Late | Lost


@dataclass(slots=True)
class _Pending:
    service: str
    action: str
    region: str
    fault: Fault
    times: int

    def fits(self, call: Call) -> bool:
        return (
            self.times > 0
            and call.service == self.service
            and self.action in (call.action, ANYWHERE)
            and self.region in (call.target, ANYWHERE)
        )


class CallFaults:
    """Faults by service (signing name), action and target region (``*`` for any), oldest first."""

    def __init__(self) -> None:
        self._pending: list[_Pending] = []
        self._lock = threading.Lock()

    def fail_next(
        self,
        service: str,
        action: str,
        *,
        code: str,
        region: str = ANYWHERE,
        message: str = "The drill refuses this call.",
        status: int = 400,
        times: int = 1,
    ) -> None:
        """Refuse the next calls with an error code of the service."""
        self._add(service, action, region, Refused(code, message, status), times)

    def delay_next(self, service: str, action: str, *, seconds: float, region: str = ANYWHERE, times: int = 1) -> None:
        """Let the next calls take effect at once and be answered late."""
        self._add(service, action, region, Late(seconds), times)

    def lose_next_answer(self, service: str, action: str, *, region: str = ANYWHERE, times: int = 1) -> None:
        """Let the next calls take effect, and reset the connection in place of the answer."""
        self._add(service, action, region, Lost(), times)

    def clear(self) -> None:
        """Forget every fault."""
        with self._lock:
            self._pending.clear()

    def take(self, call: Call) -> Fault | None:
        """Return the fault of this call, and count it as used."""
        with self._lock:
            for pending in self._pending:
                if pending.fits(call):
                    pending.times -= 1
                    return pending.fault
            return None

    def _add(self, service: str, action: str, region: str, fault: Fault, times: int) -> None:
        with self._lock:
            self._pending.append(_Pending(service, action, region, fault, times))
