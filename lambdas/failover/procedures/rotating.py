"""A database's password is changed: in four steps that Secrets Manager orders, each safe to repeat.

A role of the application has two logins. The one that is not in use gets a new password and is used from then on; who
still has the other one works on until the next change. The owner has one login, so that its secret names two
passwords: the right one and the next, then the right one and the last. Whoever reads it at any moment, in any region,
is let in: a guard never is without a password because of a change, whatever fails in the middle of it.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from failover.errors import FatalError, NotInitialisedError, RequestInvalidError, RotationNotReadyError
from failover.ports import Clock, CopyState, QuorumStore
from failover.topology import Database, Names, Topology

OWNER: Final = "owner"
SECOND: Final = "_2"

REPLICATED_SECONDS: Final = 20.0
POLL_SECONDS: Final = 1.0

Secret = Mapping[str, str]
"""``username`` and ``password``, and of the owner ``other``."""


class RotationStep(StrEnum):
    """What Secrets Manager orders, in this order."""

    CREATE = "createSecret"
    SET = "setSecret"
    TEST = "testSecret"
    FINISH = "finishSecret"


class Vault(Protocol):
    """One secret with its versions; each call raises ``DatabaseUnreachableError`` when it cannot be reached."""

    def current(self) -> Secret:
        """Return what everybody uses."""

    def pending(self, version: str) -> Secret | None:
        """Return what a change will make of it, None when it is not said yet."""

    def propose(self, version: str, secret: Secret) -> None:
        """Say what the change will make of it; nothing happens when that is said already."""

    def publish(self, secret: Secret) -> None:
        """Have everybody use this, without ending the change."""

    def in_step(self) -> bool:
        """Whether every region has what is current."""

    def finish(self, version: str) -> None:
        """Have everybody use what was proposed; nothing happens when they do."""


class Logins(Protocol):
    """The agents beside the databases."""

    def give_login(self, database: str, region: str, user: str, password: str) -> CopyState:
        """Change a login's password where the database is written, and log in with it."""

    def try_login(self, database: str, region: str, user: str, password: str) -> CopyState:
        """Log in and change nothing."""


@dataclass(frozen=True, slots=True)
class Change:
    """What Secrets Manager wants: one step of the change of one secret."""

    database: Database
    role: str
    secret: str
    version: str
    step: RotationStep

    @classmethod
    def parse(cls, event: Mapping[str, str], topology: Topology) -> "Change":
        """Read Secrets Manager's event; raises ``RequestInvalidError`` for a secret of nobody's here."""
        # Secrets Manager puts a hyphen and six characters of its own behind each name.
        secret = event["SecretId"]
        name = secret.rpartition(":secret:")[2][:-7]
        for database in topology.databases:
            for role, known in Names(topology).login_secrets(database.name).items():
                if name == known:
                    return cls(database, role, secret, event["ClientRequestToken"], RotationStep(event["Step"]))
        raise RequestInvalidError(f"SecretId: got {secret}; it is the secret of no database of {topology.name}")


@dataclass(frozen=True, slots=True)
class Rotating:
    """One change of one secret, and what may be touched for it."""

    change: Change
    vault: Vault
    logins: Logins
    store: QuorumStore
    clock: Clock
    new_password: Callable[[], str]

    def go_on(self) -> None:
        """Take the step that was ordered.

        Raises:
            RotationNotReadyError: a region has not heard of the owner's passwords yet; the step is repeated.
            GateRefusedError: the database is not written, or an incident is under way; the step is repeated.
        """
        match self.change.step:
            case RotationStep.CREATE:
                self.vault.propose(self.change.version, self._following(self.vault.current()))
            case RotationStep.SET:
                self._set(self._proposed())
            case RotationStep.TEST:
                self._test()
            case RotationStep.FINISH:
                self.vault.finish(self.change.version)

    def _following(self, current: Secret) -> Secret:
        fresh = {"password": self.new_password()}
        if self.change.role == OWNER:
            return {**current, **fresh, "other": self._right_one(current)}
        second = f"{self.change.role}{SECOND}"
        return {**current, **fresh, "username": self.change.role if current["username"] == second else second}

    def _proposed(self) -> Secret:
        proposed = self.vault.pending(self.change.version)
        if proposed is None:
            raise RequestInvalidError(
                f"version {self.change.version}: nothing was proposed; the step before is createSecret"
            )
        return proposed

    def _set(self, proposed: Secret) -> None:
        if self.change.role == OWNER:
            self._tell_both(proposed)
        self.logins.give_login(self.change.database.name, self._writer(), proposed["username"], proposed["password"])

    def _tell_both(self, proposed: Secret) -> None:
        """Have both passwords known everywhere before the database takes the new one for the right one."""
        current = self.vault.current()
        if current["password"] == proposed["password"]:
            return
        if current.get("other") != proposed["password"]:
            right = {"password": self._right_one(current), "other": proposed["password"]}
            self.vault.publish({**current, **right})
        until = self.clock.elapsed() + REPLICATED_SECONDS
        while not self.vault.in_step():
            if self.clock.elapsed() >= until:
                raise RotationNotReadyError(
                    f"{self.change.database.name}: not every region has heard of the next password"
                )
            self.clock.sleep(POLL_SECONDS)

    def _right_one(self, current: Secret) -> str:
        """Return which of the owner's two passwords the database takes: a change before may have been given up."""
        for password in filter(None, (current["password"], current.get("other"))):
            with suppress(FatalError):
                self.logins.try_login(self.change.database.name, self._writer(), current["username"], password)
                return password
        raise FatalError(f"{self.change.database.name}: no password of its secret lets the owner in")

    def _test(self) -> None:
        """Secrets Manager also tries this step alone, when a schedule is made: then there is nothing to test."""
        proposed = self.vault.pending(self.change.version)
        if proposed is None or proposed["password"] == self.vault.current()["password"]:
            return
        self.logins.try_login(self.change.database.name, self._writer(), proposed["username"], proposed["password"])

    def _writer(self) -> str:
        """Return the region that writes the database now; what never moves has no item that says it."""
        try:
            return self.store.database(self.change.database.name).writer
        except NotInitialisedError:
            return self.change.database.born_primary
