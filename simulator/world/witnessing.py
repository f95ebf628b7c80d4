"""The wires between a world and whoever looks on: each part says what happens as it happens."""

from failover.adapters.replicated import Record
from failover.invariants import Execution as Judged
from rehearsal.facts import ExecutionState
from rehearsal.history import Promotion
from simulator.world.clocks import BEGINNING, Clock
from simulator.world.databases import Copy
from simulator.world.executions import Execution
from simulator.world.recorder import Witness
from simulator.world.world import World

STATUS = {
    ExecutionState.RUNNING: "RUNNING",
    ExecutionState.WAITING: "RUNNING",
    ExecutionState.SUCCEEDED: "SUCCEEDED",
    ExecutionState.FAILED: "FAILED",
}


def judged(execution: Execution) -> Judged:
    """An execution as the invariants look at it."""
    return Judged(execution.name, execution.region, STATUS[execution.state], execution.dry_run)


def look_on(world: World, witness: Witness) -> None:
    """Have a witness hear of everything that happens in a world from now on."""
    kernel = world.kernel
    world.recorder.witness = witness

    def stored(record: Record, at: float, by: str) -> None:
        witness.stored(record, at, by)

    def gate(copy: Copy) -> None:
        clock = copy.clock
        assert isinstance(clock, Clock)
        until = (copy.gate_valid_until - BEGINNING.timestamp() - clock.ahead_seconds) / clock.rate
        shut = copy.in_recovery or copy.gate_fenced or copy.gate_holder != copy.identity
        witness.gate(kernel.now, copy.database, copy.region, copy.gate_epoch, kernel.now if shut else until)

    def promoted(promotion: Promotion) -> None:
        if promotion.done_at is not None:
            by_hand = (promotion.database, promotion.region) in world.promotions.by_hand
            witness.promoted(kernel.now, promotion.database, promotion.region, by_hand=by_hand)

    for copy in world.copies.values():
        copy.told = gate
    world.table.told = stored
    world.heard_promotion = promoted
    world.executions.entered = lambda execution, state: witness.state(kernel.now, "entered", execution.region, state)
    world.executions.exited = lambda execution, state: witness.state(kernel.now, "left", execution.region, state)
    world.executions.ended = lambda execution: witness.ended(kernel.now, judged(execution))
