"""What is measured in memory is what it says: a decision to fail over, and a failover."""

from datetime import timedelta

import pytest

from bench import machine_in_memory
from bench.decisions import NOON, snapshot
from bench.memory_product import MemoryProduct
from bench.numbers import MeasurementError
from failover.decision import Action, decide
from runtime import wiring
from tests.products import US, quickstart


def test_the_decisions_that_are_measured_are_to_hold_and_to_fail_over() -> None:
    assert decide(snapshot(quickstart(), None), NOON).action is Action.HOLD
    assert decide(snapshot(quickstart(), 60.0), NOON).action is Action.FAIL_OVER


def test_the_failover_that_is_measured_begins_with_a_writer_that_is_lost() -> None:
    product = MemoryProduct(quickstart())
    assert product.writers() == {("orders", US)}
    product.lose_the_primary()
    assert product.writers() == set()
    assert product.clock.now() > NOON + timedelta(seconds=20)


def test_the_failover_that_is_measured_goes_through_to_the_page() -> None:
    real = wiring.ports
    table = machine_in_memory.measure(True, lambda _text: None)
    assert all(sample > 0 for number in table.numbers for sample in number.samples)
    assert wiring.ports is real


def test_a_failover_that_fails_is_no_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing(MemoryProduct):
        def lose_the_primary(self) -> None:
            super().lose_the_primary()
            self.replicas.refusals = 10_000

    monkeypatch.setattr(machine_in_memory, "MemoryProduct", Refusing)
    with pytest.raises(MeasurementError, match="PromotionRefusedError"):
        machine_in_memory.measure(True, lambda _text: None)
