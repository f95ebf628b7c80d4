"""The agent's desk: what it does for a request, and how it refuses one."""

from typing import Any

import pytest

from failover.adapters.memory import ManualClock, MemoryCopy, MemoryShelf
from failover.errors import GateRefusedError, RequestInvalidError
from failover.ports import CopyState
from failover.procedures.desk import DatabaseDesk
from tests.products import EU


@pytest.fixture
def copy() -> MemoryCopy:
    return MemoryCopy(ManualClock(), position=7)


@pytest.fixture
def desk(copy: MemoryCopy) -> DatabaseDesk:
    return DatabaseDesk({"orders": copy}, MemoryShelf(EU))


def state(desk: DatabaseDesk, request: dict[str, Any]) -> CopyState:
    answer = desk.answer(request)
    assert isinstance(answer, CopyState)
    return answer


def test_each_verb_answers_with_the_state_after_it(desk: DatabaseDesk, copy: MemoryCopy) -> None:
    now = copy.clock.now().timestamp()
    assert state(desk, {"do": "install", "database": "orders"}).position == 7
    assert not state(desk, {"do": "describe", "database": "orders"}).gate_open
    assert state(desk, {"do": "admit", "database": "orders", "epoch": 3, "valid_until": now + 9}).gate_open
    fenced = state(desk, {"do": "fence", "database": "orders", "epoch": 4})
    assert (fenced.gate_fenced, fenced.gate_epoch) == (True, 4)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"do": "describe"}, "database: got None; this region holds: orders"),
        ({"do": "describe", "database": "invoices"}, "database: got 'invoices'; this region holds: orders"),
        (
            {"database": "orders"},
            "do: got None; one of: install, describe, fence, admit, promote, archive, share, give_login, try_login",
        ),
        (
            {"do": "drop", "database": "orders"},
            "do: got 'drop'; one of: install, describe, fence, admit, promote, archive, share, give_login, try_login",
        ),
        ({"do": "fence", "database": "orders"}, "fence: epoch: got None; a number"),
        ({"do": "fence", "database": "orders", "epoch": "two"}, "fence: epoch: got 'two'; a number"),
        ({"do": "fence", "database": "orders", "epoch": True}, "fence: epoch: got True; a number"),
        ({"do": "admit", "database": "orders", "epoch": 2}, "admit: valid_until: got None; a number"),
        ({"do": "admit", "database": "orders", "valid_until": 9.0}, "admit: epoch: got None; a number"),
    ],
)
def test_a_request_that_is_none_is_refused_with_what_is_allowed(
    desk: DatabaseDesk, copy: MemoryCopy, request_: dict[str, Any], message: str
) -> None:
    before = copy.describe()
    with pytest.raises(RequestInvalidError) as refused:
        desk.answer(request_)
    assert str(refused.value) == message
    assert copy.describe() == before


def test_a_region_without_copies_says_so() -> None:
    with pytest.raises(RequestInvalidError, match="this region holds: none"):
        DatabaseDesk({}, MemoryShelf(EU)).answer({"do": "describe", "database": "orders"})


def test_what_a_copy_refuses_keeps_its_class(desk: DatabaseDesk, copy: MemoryCopy) -> None:
    copy.in_recovery = True
    with pytest.raises(GateRefusedError):
        desk.answer({"do": "admit", "database": "orders", "epoch": 2, "valid_until": 1.0})
