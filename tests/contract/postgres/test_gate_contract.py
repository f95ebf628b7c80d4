"""What every ``DatabaseCopy`` promises, in memory and on PostgreSQL."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from failover.adapters.memory import ManualClock, MemoryCopy
from failover.errors import DatabaseUnreachableError, EpochRefusedError, GateRefusedError
from failover.ports import DatabaseCopy
from tests.contract.postgres.conftest import Gated


@dataclass
class Subject:
    copy: DatabaseCopy
    wait: Callable[[float], None]


def soon(subject: Subject, seconds: float = 30.0) -> float:
    return subject.copy.describe().clock + seconds


class GatePromises:
    def test_it_is_closed_until_admitted(self, subject: Subject) -> None:
        state = subject.copy.describe()
        assert (state.gate_epoch, state.gate_open, state.gate_fenced) == (0, False, False)
        state = subject.copy.admit(1, soon(subject))
        assert (state.gate_epoch, state.gate_open, state.gate_fenced) == (1, True, False)

    def test_it_closes_when_the_lease_ends(self, subject: Subject) -> None:
        subject.copy.admit(1, soon(subject, 0.2))
        subject.wait(0.25)
        assert not subject.copy.describe().gate_open

    def test_an_extension_keeps_it_open(self, subject: Subject) -> None:
        subject.copy.admit(1, soon(subject, 0.2))
        subject.copy.extend(1, soon(subject))
        subject.wait(0.25)
        assert subject.copy.describe().gate_open

    def test_an_extension_never_moves_the_end_back(self, subject: Subject) -> None:
        subject.copy.admit(1, soon(subject))
        subject.copy.extend(1, soon(subject, -5))
        assert subject.copy.describe().gate_open

    def test_an_extension_opens_nothing_that_was_not_admitted(self, subject: Subject) -> None:
        with pytest.raises(GateRefusedError):
            subject.copy.extend(0, soon(subject))
        assert not subject.copy.describe().gate_open

    @pytest.mark.parametrize("epoch", [1, 3])
    def test_an_extension_of_another_epoch_is_refused(self, subject: Subject, epoch: int) -> None:
        subject.copy.admit(2, soon(subject))
        with pytest.raises(EpochRefusedError):
            subject.copy.extend(epoch, soon(subject))

    def test_an_extension_does_not_undo_a_fence(self, subject: Subject) -> None:
        subject.copy.admit(1, soon(subject))
        subject.copy.fence(1)
        with pytest.raises(GateRefusedError):
            subject.copy.extend(1, soon(subject))
        assert not subject.copy.describe().gate_open

    def test_a_fence_shuts_and_can_be_repeated(self, subject: Subject) -> None:
        subject.copy.admit(1, soon(subject))
        for _ in range(2):
            state = subject.copy.fence(1)
            assert (state.gate_epoch, state.gate_open, state.gate_fenced) == (1, False, True)

    def test_an_older_epoch_neither_fences_nor_admits(self, subject: Subject) -> None:
        subject.copy.admit(5, soon(subject))
        with pytest.raises(EpochRefusedError):
            subject.copy.fence(4)
        with pytest.raises(EpochRefusedError):
            subject.copy.admit(4, soon(subject))
        assert subject.copy.describe().gate_open

    @pytest.mark.parametrize("epoch", [1, 2])
    def test_an_admission_undoes_a_fence(self, subject: Subject, epoch: int) -> None:
        subject.copy.admit(1, soon(subject))
        subject.copy.fence(1)
        assert subject.copy.admit(epoch, soon(subject)).gate_open

    def test_the_epoch_of_a_fence_is_the_gates_from_then_on(self, subject: Subject) -> None:
        subject.copy.admit(1, soon(subject))
        subject.copy.fence(3)
        with pytest.raises(EpochRefusedError):
            subject.copy.admit(2, soon(subject))
        assert subject.copy.admit(3, soon(subject)).gate_open

    def test_an_admission_that_comes_too_late_opens_nothing(self, subject: Subject) -> None:
        assert not subject.copy.admit(1, soon(subject, -1)).gate_open

    def test_installing_again_changes_nothing(self, subject: Subject) -> None:
        subject.copy.admit(1, soon(subject))
        before = subject.copy.describe()
        after = subject.copy.install()
        assert (after.gate_epoch, after.gate_open, after.identity) == (before.gate_epoch, True, before.identity)


class TestInMemory(GatePromises):
    @pytest.fixture
    def subject(self) -> Subject:
        clock = ManualClock()
        copy = MemoryCopy(clock)
        copy.install()
        return Subject(copy, clock.sleep)


@pytest.mark.twin
class TestOnPostgres(GatePromises):
    @pytest.fixture
    def subject(self, gated: Gated) -> Subject:
        return Subject(gated.database, time.sleep)

    def test_it_tells_the_servers_version(self, subject: Subject, gated: Gated) -> None:
        assert subject.copy.describe().version == gated.owner().info.server_version

    def test_a_copy_that_is_not_there_is_told_apart(self, gated: Gated) -> None:
        gated.server.kill()
        try:
            for ask in (
                gated.database.describe,
                lambda: gated.database.fence(1),
                lambda: gated.database.extend(1, 1e10),
            ):
                with pytest.raises(DatabaseUnreachableError):
                    ask()
        finally:
            gated.server.start()
