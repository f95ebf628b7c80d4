"""The databases as steps see them: the agents beside the copies, and the service that promotes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, TypeVar

from failover.adapters.memory import MemoryAgent
from failover.errors import (
    DatabaseUnreachableError,
    LifeboatError,
    PromotionNotDoneError,
    PromotionRefusedError,
    ReplicaNotReadyError,
)
from failover.ports import CopyState, ReplicaState
from failover.records import LossAllowed
from failover.tails import Archive, TailPart, TailPoint, TailRequest
from rehearsal.form.fault_kinds import Source
from simulator.kernel import Kernel
from simulator.latencies import Distribution
from simulator.world.databases import Copy
from simulator.world.functions import Functions
from simulator.world.gray import Gray
from simulator.world.network import NoAnswer, Refused
from simulator.world.ports.calls import API_SECONDS, Calls
from simulator.world.services import Promotions

T = TypeVar("T")

PATIENT_SECONDS: Final = 40.0
"""For what takes the agent longer than a look."""


@dataclass(frozen=True, slots=True)
class SimAgent:
    """``ports.DatabaseAgent``: the function beside each copy, and the copy behind it."""

    calls: Calls
    functions: Functions
    desk: MemoryAgent
    copies: Mapping[tuple[str, str], Copy]
    seconds: float = API_SECONDS

    def install(self, database: str, region: str) -> CopyState:
        """As the port."""
        return self._ask(region, database, lambda: self.desk.install(database, region))

    def describe(self, database: str, region: str) -> CopyState:
        """As the port."""
        return self._ask(region, database, lambda: self.desk.describe(database, region), writes=False)

    def describe_all(self, copies: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], CopyState | LifeboatError]:
        """As the port: all at once."""
        told = self.calls.kernel.together([lambda each=each: self._told(*each) for each in copies], "describe")  # type: ignore[misc]
        return dict(zip(copies, told, strict=True))

    def fence(self, database: str, region: str, epoch: int) -> CopyState:
        """As the port."""
        return self._ask(region, database, lambda: self.desk.fence(database, region, epoch))

    def admit(self, database: str, region: str, epoch: int, valid_until: float) -> CopyState:
        """As the port."""
        return self._ask(region, database, lambda: self.desk.admit(database, region, epoch, valid_until))

    def archive(self, database: str, region: str, request: TailRequest) -> Archive:
        """As the port."""
        return self._ask(
            region, database, lambda: self.desk.archive(database, region, request), seconds=PATIENT_SECONDS
        )

    def promote(self, database: str, region: str) -> CopyState:
        """As the port."""
        return self._ask(region, database, lambda: self.desk.promote(database, region), seconds=PATIENT_SECONDS)

    def _told(self, database: str, region: str) -> CopyState | LifeboatError:
        try:
            return self.describe(database, region)
        except LifeboatError as exc:
            return exc

    def _ask(
        self, region: str, database: str, act: Callable[[], T], *, writes: bool = True, seconds: float | None = None
    ) -> T:
        calls, limit = self.calls, seconds or self.seconds
        agent = self.functions

        def beside() -> T:
            if ("database_agent", region) in agent.stopped:
                raise DatabaseUnreachableError(f"the agent of {database} in {region} may not run")
            return act()

        if region in agent.frozen:  # the function beside the copy stands still with all others of its region
            calls.kernel.sleep(limit)
            raise DatabaseUnreachableError(f"the agent of {database} in {region} does not answer")
        took = agent.latencies.of("agent.sql").draw(agent.chance) + self.copies[database, region].slow_seconds
        try:
            return calls.ask(region, "lambda", "Invoke", beside, seconds=limit, takes_seconds=took, writes=writes)
        except (NoAnswer, Refused) as exc:
            raise DatabaseUnreachableError(f"the agent of {database} in {region} cannot be reached: {exc}") from exc


@dataclass(frozen=True, slots=True)
class SimReplicas:
    """``ports.ReplicaService``: RDS's API in the copy's own region."""

    calls: Calls
    promotions: Promotions
    gray: Gray

    def describe(self, database: str, region: str) -> ReplicaState:
        """As the port."""
        gray, calls = self.gray, self.calls
        try:
            state = calls.ask(
                region, "rds", "DescribeDBInstances", lambda: self.promotions.describe(database, region), writes=False
            )
        except (NoAnswer, Refused) as exc:
            raise DatabaseUnreachableError(f"RDS in {region} does not describe {database}: {exc}") from exc
        if gray.standing:
            calls.kernel.sleep(gray.late(Source.DATABASE_SERVICE, region))
        return gray.told(
            Source.DATABASE_SERVICE,
            region,
            database,
            state,
            partial=lambda told: ReplicaState(told.status, None),
            wrong=lambda _told: ReplicaState("available", None),
        )

    def promote(self, database: str, region: str, *, loss: LossAllowed) -> None:
        """As the port."""
        try:
            self.calls.ask(
                region, "rds", "PromoteReadReplica", lambda: self.promotions.promote(database, region, loss=loss)
            )
        except NoAnswer as exc:
            raise PromotionNotDoneError(f"RDS in {region} gave no clear answer for {database}") from exc
        except Refused as exc:
            unclear = exc.code in ("unreachable", "unavailable")
            raise (PromotionNotDoneError if unclear else PromotionRefusedError)(f"RDS in {region}: {exc}") from exc

    def rejoin(self, database: str, region: str, writer: str, epoch: int) -> None:
        """As the port."""
        try:
            self.calls.ask(
                region,
                "rds",
                "CreateDBInstanceReadReplica",
                lambda: self.promotions.rejoin(database, region, writer, epoch),
            )
        except (NoAnswer, Refused) as exc:
            raise ReplicaNotReadyError(f"RDS in {region}: {exc}") from exc


@dataclass(frozen=True, slots=True)
class NearCopy:
    """``ports.DatabaseCopy`` as the guard beside it speaks to it: in SQL, which takes its time."""

    copy: Copy
    kernel: Kernel
    sql: Distribution
    chance: Random

    def install(self) -> CopyState:
        """As the port."""
        return self._spoken_to().install()

    def describe(self) -> CopyState:
        """As the port."""
        return self._spoken_to().describe()

    def fence(self, epoch: int) -> CopyState:
        """As the port."""
        return self._spoken_to().fence(epoch)

    def admit(self, epoch: int, valid_until: float) -> CopyState:
        """As the port."""
        return self._spoken_to().admit(epoch, valid_until)

    def promote(self) -> CopyState:
        """As the port."""
        return self._spoken_to().promote()

    def keep_tail(self, followers: int) -> None:
        """As the port; it changes nothing that anybody here could see, and so takes no turn."""
        self.copy.keep_tail(followers)

    def read_tail(self, position: int | None, at: TailPoint | None) -> TailPart:
        """As the port."""
        return self._spoken_to().read_tail(position, at)

    def extend(self, epoch: int, valid_until: float) -> None:
        """As the port."""
        self._spoken_to().extend(epoch, valid_until)

    def give_login(self, user: str, password: str) -> CopyState:
        """As the port."""
        return self._spoken_to().give_login(user, password)

    def try_login(self, user: str, password: str) -> CopyState:
        """As the port."""
        return self._spoken_to().try_login(user, password)

    def _spoken_to(self) -> Copy:
        self.kernel.sleep(self.sql.draw(self.chance) + self.copy.slow_seconds)
        return self.copy
