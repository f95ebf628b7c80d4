"""Promises: a control region's own table, and the functions that a guard asks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from failover.adapters.memory import MemoryPromises
from failover.errors import LocalTableUnreachableError
from failover.plain import as_plain
from failover.promises import Promise, PromiseRecord
from failover.topology import Topology
from simulator.kernel import Kernel
from simulator.world.functions import FunctionFailed, Functions
from simulator.world.network import NoAnswer, Refused
from simulator.world.ports.calls import Calls

T = TypeVar("T")

LOCAL_SECONDS: Final = 1.0
PROMISE_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class SimPromises:
    """``promises.Promises``: the region's own table."""

    calls: Calls
    table: MemoryPromises

    def read(self, database: str) -> PromiseRecord:
        """As the port."""
        return self._ask("GetItem", lambda: self.table.read(database))

    def change(self, seen: PromiseRecord, wanted: PromiseRecord) -> PromiseRecord:
        """As the port."""
        return self._ask("PutItem", lambda: self.table.change(seen, wanted))

    def _ask(self, action: str, act: Callable[[], T]) -> T:
        here = self.calls.here
        try:
            return self.calls.ask(here, "dynamodb", action, act, seconds=LOCAL_SECONDS, writes=action == "PutItem")
        except (NoAnswer, Refused) as exc:
            raise LocalTableUnreachableError(f"the table of {here}: {exc}") from exc


@dataclass(frozen=True, slots=True)
class SimPromisers:
    """``promises.Promisers``: every control region's own function, all at once."""

    here: str
    kernel: Kernel
    functions: Functions
    topology: Topology

    def ask(self, promise: Promise) -> Mapping[str, str]:
        """As the port."""
        regions = self.topology.control_regions
        payload = {"promise": as_plain(promise)}
        told = self.kernel.together([lambda each=each: self._asked(each, payload) for each in regions], "promise")  # type: ignore[misc]
        return dict(zip(regions, told, strict=True))

    def _asked(self, region: str, payload: Any) -> str:
        try:
            self.functions.invoke(self.here, region, "give_promise", payload, PROMISE_SECONDS)
        except (NoAnswer, FunctionFailed) as exc:
            return str(exc)
        return ""
