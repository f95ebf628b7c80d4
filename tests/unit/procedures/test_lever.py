"""What Route 53's checkers are told, also on the day when the store does not answer."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from failover.adapters.memory import ManualClock, MemoryLastKnown, MemoryStore
from failover.errors import TransientError
from failover.procedures.lever import Lever
from failover.topology import Names
from tests.products import AP, EU, US, quickstart

TOPOLOGY = quickstart()
TOKEN = Names(TOPOLOGY).lever_token(US)


class Endpoint:
    """A lever with everything that it knows from."""

    def __init__(self) -> None:
        self.clock, self.store, self.last_known = ManualClock(), MemoryStore(), MemoryLastKnown()
        self.store.initialise([])
        self.lever = self.restarted()

    def restarted(self) -> Lever:
        """The same endpoint in a new execution environment, whose memory is empty."""
        return Lever(TOPOLOGY, self.store, self.last_known, self.clock)

    def evacuate(self, *regions: str) -> None:
        control = self.store.control()
        self.store.change_control(control, replace(control, evacuated=dict.fromkeys(regions, "us-east-1-2")))
        self.clock.sleep(1.5)


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


def test_only_an_evacuated_region_gets_its_token(endpoint: Endpoint) -> None:
    assert TOKEN not in endpoint.lever.answer(US)
    endpoint.evacuate(US)
    assert endpoint.lever.answer(US) == TOKEN
    for region in (EU, AP):
        assert "evacuated" not in endpoint.lever.answer(region)
    endpoint.evacuate()
    assert TOKEN not in endpoint.lever.answer(US)


@pytest.mark.parametrize("region", ["mars-north-1", "", "us-east-1 ", "US-EAST-1"])
def test_a_region_that_the_topology_does_not_have_is_never_evacuated(endpoint: Endpoint, region: str) -> None:
    endpoint.evacuate(US, region)
    assert endpoint.lever.answer(region) == "unknown region"


def test_no_regions_answer_contains_anothers_token(endpoint: Endpoint) -> None:
    """Route 53 matches a substring."""
    endpoint.evacuate(US, EU, AP)
    answers = {region: endpoint.lever.answer(region) for region in (US, EU, AP)}
    for region in (US, EU, AP):
        token = Names(TOPOLOGY).lever_token(region)
        assert [each for each, answer in answers.items() if token in answer] == [region]


def test_several_checkers_in_the_same_second_ask_the_store_once(endpoint: Endpoint) -> None:
    reads, control = [], endpoint.store.control

    def counted() -> object:
        reads.append(endpoint.clock.elapsed())
        return control()

    endpoint.store.control = counted  # type: ignore[method-assign, assignment]
    for _ in range(40):
        endpoint.lever.answer(US)
        endpoint.clock.sleep(0.1)
    assert len(reads) == 4


def test_without_the_store_it_answers_what_it_last_knew(endpoint: Endpoint) -> None:
    endpoint.evacuate(US)
    endpoint.lever.answer(US)
    endpoint.store.reachable = False
    endpoint.clock.sleep(3600)
    assert endpoint.lever.answer(US) == TOKEN
    assert endpoint.restarted().answer(US) == TOKEN, "from the table of its own region"


def test_a_return_is_remembered_as_well(endpoint: Endpoint) -> None:
    endpoint.evacuate(US)
    endpoint.lever.answer(US)
    endpoint.evacuate()
    endpoint.lever.answer(US)
    endpoint.store.reachable = False
    assert endpoint.restarted().answer(US) == f"in service: {US}"


def test_what_was_never_known_is_not_evacuated(endpoint: Endpoint) -> None:
    endpoint.store.reachable = False
    assert endpoint.lever.answer(US) == f"in service: {US}"


def test_a_table_of_its_own_that_does_not_answer_hides_nothing(endpoint: Endpoint) -> None:
    def failing(evacuated: Mapping[str, str]) -> None:
        raise TransientError("throttled")

    endpoint.last_known.remember = failing  # type: ignore[method-assign]
    endpoint.evacuate(US)
    assert endpoint.lever.answer(US) == TOKEN


def test_a_copy_that_was_not_kept_is_kept_the_next_time(endpoint: Endpoint) -> None:
    remember, failures = endpoint.last_known.remember, [TransientError("throttled")]

    def failing_once(evacuated: Mapping[str, str]) -> None:
        if failures:
            raise failures.pop()
        remember(evacuated)

    endpoint.last_known.remember = failing_once  # type: ignore[method-assign]
    endpoint.evacuate(US)
    endpoint.lever.answer(US)
    endpoint.clock.sleep(5)
    endpoint.lever.answer(US)
    endpoint.store.reachable = False
    assert endpoint.restarted().answer(US) == TOKEN


def test_a_store_that_hangs_is_not_asked_for_every_checker(endpoint: Endpoint) -> None:
    """Route 53 waits two seconds for an answer: each one that waits for the store in vain is one that says nothing."""
    endpoint.evacuate(US)
    endpoint.lever.answer(US)
    endpoint.store.reachable = False
    slow, control = [], endpoint.store.control

    def hanging() -> object:
        slow.append(endpoint.clock.elapsed())
        endpoint.clock.sleep(1.0)
        return control()

    endpoint.store.control = hanging  # type: ignore[method-assign, assignment]
    for _ in range(100):
        endpoint.clock.sleep(0.2)
        assert endpoint.lever.answer(US) == TOKEN
    assert len(slow) <= 10
