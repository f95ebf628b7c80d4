"""What control regions promise, in memory."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from failover.errors import ChangedMeanwhileError, LifeboatError, LocalTableUnreachableError
from failover.promises import Promise, PromiseRecord


@dataclass(slots=True)
class MemoryPromises:
    """``promises.Promises`` of one control region; ``reachable`` is the test's to switch."""

    reachable: bool = True
    _records: dict[str, PromiseRecord] = field(default_factory=dict)

    def read(self, database: str) -> PromiseRecord:
        self._answer()
        return self._records.get(database, PromiseRecord(database))

    def change(self, seen: PromiseRecord, wanted: PromiseRecord) -> PromiseRecord:
        if self.read(seen.database).version != seen.version:
            raise ChangedMeanwhileError(f"the promises of {seen.database} are not those that were read")
        self._records[seen.database] = replace(wanted, version=seen.version + 1)
        return self._records[seen.database]

    def _answer(self) -> None:
        if not self.reachable:
            raise LocalTableUnreachableError("no answer (memory: unreachable)")


@dataclass(slots=True)
class MemoryPromisers:
    """``promises.Promisers``; ``give`` is how each control region promises."""

    give: Mapping[str, Callable[[Promise], object]]

    def ask(self, promise: Promise) -> Mapping[str, str]:
        return {region: self._asked(region, promise) for region in self.give}

    def _asked(self, region: str, promise: Promise) -> str:
        try:
            self.give[region](promise)
        except LifeboatError as exc:
            return f"{type(exc).__name__}: {exc}"
        return ""
