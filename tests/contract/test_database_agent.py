"""The agent beside a database: its answers and its errors keep their form across the call."""

import io
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from failover import errors
from failover.adapters.aws import AwsAgent
from failover.adapters.aws import agent as adapter
from failover.adapters.memory import ManualClock, MemoryAgent, MemoryCopy, MemoryShelf
from failover.errors import (
    ArchiveIncompleteError,
    DatabaseUnreachableError,
    EpochRefusedError,
    FatalError,
    GateRefusedError,
    LifeboatError,
    RequestInvalidError,
)
from failover.plain import as_plain
from failover.ports import CopyState, DatabaseAgent
from failover.procedures.desk import DatabaseDesk
from failover.tails import TailPoint, TailRequest
from tests.contract.services import SILENCE, answering, raising, refusal
from tests.products import AP, EU, quickstart

STATE = CopyState(
    in_recovery=True,
    identity="7/1",
    position=4711,
    clock=1767268800.25,
    gate_epoch=2,
    gate_open=False,
    gate_fenced=True,
)
MANY = 120
FAMILY = sorted(
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, LifeboatError) and name.endswith("Error")
)


def lambda_over(copies: dict[str, MemoryCopy]) -> Callable[..., dict[str, Any]]:
    """Lambda's Invoke, with the agent's desk behind it, its errors told as Lambda tells them."""
    desk = DatabaseDesk(copies, MemoryShelf(EU))

    def invoke(FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803 - the service's own names
        assert FunctionName == "lifeboat-quickstart-database-agent"
        try:
            document, failed = as_plain(desk.answer(json.loads(Payload))), {}
        except LifeboatError as exc:
            document = {"errorType": type(exc).__name__, "errorMessage": str(exc), "stackTrace": []}
            failed = {"FunctionError": "Unhandled"}
        return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(document).encode()), **failed}

    return invoke


@pytest.fixture
def copy() -> MemoryCopy:
    return MemoryCopy(ManualClock(), position=7)


@pytest.fixture(params=["memory", "aws"])
def agent(request: pytest.FixtureRequest, copy: MemoryCopy) -> Any:
    """An agent of a copy in eu-west-1."""
    if request.param == "memory":
        yield MemoryAgent({("orders", EU): copy})
        return
    with answering(adapter, {"invoke": lambda_over({"orders": copy})}) as asked:
        yield AwsAgent(quickstart())
    assert set(asked) <= {("lambda", EU)}


def test_the_state_of_a_copy_is_its_own(agent: DatabaseAgent, copy: MemoryCopy) -> None:
    assert agent.describe("orders", EU) == copy.describe()
    assert agent.install("orders", EU) == copy.describe()


def test_an_admission_and_a_fence_answer_with_the_gate_after_them(agent: DatabaseAgent, copy: MemoryCopy) -> None:
    now = copy.clock.now().timestamp()
    assert agent.admit("orders", EU, 2, now + 9.5).gate_open
    assert copy.gate_valid_until == now + 9.5
    fenced = agent.fence("orders", EU, 3)
    assert (fenced.gate_fenced, fenced.gate_open, fenced.gate_epoch) == (True, False, 3)


def test_a_refusal_keeps_its_class(agent: DatabaseAgent, copy: MemoryCopy) -> None:
    copy.admit(5, copy.clock.now().timestamp() + 9)
    with pytest.raises(EpochRefusedError):
        agent.fence("orders", EU, 4)
    copy.in_recovery = True
    with pytest.raises(GateRefusedError):
        agent.admit("orders", EU, 6, 0.0)


def test_a_copy_that_does_not_answer_is_unreachable(agent: DatabaseAgent, copy: MemoryCopy) -> None:
    copy.reachable = False
    with pytest.raises(DatabaseUnreachableError):
        agent.describe("orders", EU)
    with pytest.raises(DatabaseUnreachableError):
        agent.fence("orders", EU, 1)
    with pytest.raises(DatabaseUnreachableError):
        agent.admit("orders", EU, 1, 0.0)


def test_copies_are_asked_together_and_each_answers_for_itself(agent: DatabaseAgent, copy: MemoryCopy) -> None:
    assert agent.describe_all([]) == {}
    assert agent.describe_all([("orders", EU)]) == {("orders", EU): copy.describe()}
    copy.reachable = False
    (failure,) = agent.describe_all([("orders", EU)]).values()
    assert isinstance(failure, DatabaseUnreachableError)


def test_regions_that_hang_are_waited_for_at_the_same_time() -> None:
    """One call after another would never get all of them to wait here."""
    together = threading.Barrier(8, timeout=5)

    def hanging(**_: Any) -> Any:
        together.wait()
        raise SILENCE[1]

    copies = [(f"database-{n}", region) for n in range(4) for region in (EU, AP)]
    with answering(adapter, {"invoke": hanging}):
        found = AwsAgent(quickstart()).describe_all(copies)
    assert list(found) == copies
    assert {type(each) for each in found.values()} == {DatabaseUnreachableError}
    assert not together.broken


def told(name: str, message: str = "the agent says why") -> dict[str, Callable[..., Any]]:
    payload = json.dumps({"errorType": name, "errorMessage": message, "stackTrace": []}).encode()
    return {"invoke": lambda **_: {"FunctionError": "Unhandled", "Payload": io.BytesIO(payload)}}


@pytest.mark.parametrize("name", FAMILY)
def test_each_error_of_the_family_keeps_its_class_and_says_where(name: str) -> None:
    with answering(adapter, told(name)), pytest.raises(LifeboatError, match=f"{EU}: the agent says why") as raised:
        AwsAgent(quickstart()).describe("orders", EU)
    assert raised.type.__name__ == name


@pytest.mark.parametrize(
    "name", ["Runtime.ImportModuleError", "Sandbox.Timedout", "KeyError", "TypeError", "Any", "", "__name__"]
)
def test_any_other_failure_means_that_it_could_not_do_its_work(name: str) -> None:
    with answering(adapter, told(name)), pytest.raises(DatabaseUnreachableError, match="the agent says why") as raised:
        AwsAgent(quickstart()).fence("orders", EU, 1)
    assert raised.type is DatabaseUnreachableError


@pytest.mark.parametrize(
    "error",
    [*SILENCE, refusal("TooManyRequestsException", 429), refusal("ResourceNotFoundException", 404), refusal("X", 503)],
)
def test_a_region_that_does_not_answer_is_unreachable(error: Exception) -> None:
    with answering(adapter, {"invoke": raising(error)}), pytest.raises(DatabaseUnreachableError, match=EU) as raised:
        AwsAgent(quickstart()).describe("orders", EU)
    assert raised.value.__cause__ is error


@pytest.mark.parametrize("payload", [b"", b"not json", b"<html>"])
def test_an_answer_that_is_none_is_unreachable(payload: bytes) -> None:
    answers = {"invoke": lambda **_: {"Payload": io.BytesIO(payload)}}
    with answering(adapter, answers), pytest.raises(DatabaseUnreachableError):
        AwsAgent(quickstart()).describe("orders", EU)


def test_a_refused_request_and_a_refused_login_are_told_apart() -> None:
    for kind in (RequestInvalidError, FatalError):
        with answering(adapter, told(kind.__name__)), pytest.raises(kind):
            AwsAgent(quickstart()).describe("orders", EU)


def test_a_copys_state_survives_the_journey_as_json() -> None:
    payload = json.dumps(as_plain(STATE)).encode()
    with answering(adapter, {"invoke": lambda **_: {"Payload": io.BytesIO(payload)}}):
        assert AwsAgent(quickstart()).describe("orders", EU) == STATE


def test_a_tail_is_kept_part_by_part_and_the_same_part_is_the_same_file(agent: DatabaseAgent, copy: MemoryCopy) -> None:
    copy.position = 100 * MANY
    first = agent.archive("orders", EU, TailRequest(1, 1000))
    assert agent.archive("orders", EU, TailRequest(1, 1000)) == first
    assert first.file is not None and first.file.endswith("/tails/orders/1-00000000000003E8.jsonl")
    whole = first
    while whole.rest is not None:
        whole = whole.joined(agent.archive("orders", EU, TailRequest(1, 1000, whole.rest)))
    assert (whole.rows, whole.transactions, whole.complete, whole.file) == (MANY - 10, MANY - 10, True, first.file)
    assert whole.parts > 1
    assert whole.oldest_at is not None and whole.newest_at is not None


def test_a_tail_with_a_gap_is_kept_only_where_that_is_allowed(agent: DatabaseAgent, copy: MemoryCopy) -> None:
    copy.position, copy.tail_from = 1000, 500
    with pytest.raises(ArchiveIncompleteError, match="400 bytes"):
        agent.archive("orders", EU, TailRequest(1, 100))
    kept = agent.archive("orders", EU, TailRequest(1, 100, gaps_allowed=True))
    assert (kept.rows, kept.complete) == (5, False)


def test_only_an_old_writer_whose_gate_is_shut_has_a_tail(agent: DatabaseAgent, copy: MemoryCopy) -> None:
    copy.admit(2, copy.clock.now().timestamp() + 9)
    with pytest.raises(GateRefusedError, match="takes writes"):
        agent.archive("orders", EU, TailRequest(1, 0))
    copy.in_recovery = True
    with pytest.raises(GateRefusedError, match="in recovery"):
        agent.archive("orders", EU, TailRequest(1, 0, TailPoint(3, 4)))


def test_a_self_managed_server_is_promoted_by_its_agent_and_once(agent: DatabaseAgent, copy: MemoryCopy) -> None:
    copy.in_recovery = True
    assert not agent.promote("orders", EU).in_recovery
    assert agent.promote("orders", EU).identity == copy.identity == "1/2"
