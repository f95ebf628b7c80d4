"""What operators do to a world: the code of the commands, in the name of somebody in a control region."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from failover.errors import LifeboatError
from failover.ports import Ports
from failover.procedures import operating
from failover.procedures.deploy_guard.words import begin_deploying, end_deploying
from failover.records import LossAllowed
from rehearsal.facts import ExecutionState
from rehearsal.form import Operation
from rehearsal.form import operations as form
from rehearsal.form.entries import EVERYWHERE
from rehearsal.stage import StageError
from simulator.world.clocks import Clock
from simulator.world.executions import Execution, NotTaken
from simulator.world.runs import Run
from simulator.world.world import World

BY: Final = "operator"


class Operations:
    """The operations of one play. Each is an actor of its own, since an operator waits for answers as anybody does."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._started = 0

    def begin(self, operation: Operation, ended: Callable[[StageError | None], None]) -> None:
        """Begin to do one; ``ended`` hears whether it was refused."""
        world = self._world

        def play() -> None:
            try:
                self._do(operation)
            except (LifeboatError, NotTaken, StageError) as exc:
                ended(StageError(f"{operation.line()} was refused: {exc}"))
            else:
                ended(None)

        world.acting(self._desk(), play)

    def _desk(self) -> str:
        """The control region through which people work: one that answers, if possible not the one born primary."""
        topology, network = self._world.topology, self._world.network
        others = [each for each in topology.control_regions if each != topology.primary.name]
        regions = [*others, *topology.control_regions]
        return next((each for each in regions if network.acts(each)), regions[0])

    def _ports(self) -> Ports:
        """What people touch, by their own clock: a wrong one is that of a region's functions."""
        actor = self._world.kernel.running
        assert actor is not None
        assert isinstance(actor.context, Run)
        return replace(actor.context.wiring.ports, clock=Clock(self._world.kernel))

    def _do(self, operation: Operation) -> None:
        ports, topology = self._ports(), self._world.topology
        match operation:
            case form.Consent(database=name, by=by, reason=reason, refuses=refuses):
                operating.consent(ports, topology, name, by, reason, refuses=refuses)
            case form.Approval(reason=reason, refuses=refuses):
                operating.approve(ports, topology, BY, reason, refuses=refuses)
            case form.Veto(reason=reason):
                operating.veto(ports, topology, BY, reason)
            case form.Pause(reason=reason, lasting=seconds):
                operating.pause(ports, BY, reason, timedelta(seconds=seconds))
            case form.Resume():
                operating.resume(ports, BY)
            case form.Abort(reason=reason):
                operating.abort(ports, BY, reason)
            case form.Skip(step=step, reason=reason):
                operating.skip(ports, step, BY, reason)
            case form.Acknowledge(region=region, reason=reason, lasting=seconds):
                operating.acknowledge(ports, topology, region, BY, reason, lasts=timedelta(seconds=seconds))
            case form.Deploying(region=region, ended=False):
                begin_deploying(ports, region, BY, "what the scenario says")
            case form.Deploying(region=region):
                end_deploying(ports, region, BY, "done")
            case _:
                self._through_aws(operation)

    def _through_aws(self, operation: Operation) -> None:
        world = self._world
        match operation:
            case form.HandPromotion(database=database, region=region):
                world.promotions.promote(database, region, loss=LossAllowed.CONSENTED, by_hand=True)
            case form.StartExecution():
                self._start(operation)
            case form.StopExecution():
                running = [each for each in self._meant(operation) if each.state is ExecutionState.RUNNING]
                for each in self._some(operation, running, "runs"):
                    world.executions.stop(each)
            case form.Redrive():
                failed = [each for each in self._meant(operation) if each.state is ExecutionState.FAILED]
                world.executions.redrive(self._some(operation, failed, "has failed")[-1])
            case _:
                raise StageError(f"the simulator cannot play the operation {operation.kind.value}")

    def _start(self, operation: form.StartExecution) -> None:
        told: dict[str, Any] = {"reason": operation.reason}
        if operation.subject is not None:
            told["subject"] = operation.subject
        if not self._world.network.acts(operation.region):
            raise StageError(f"Step Functions in {operation.region} does not answer")
        self._started += 1
        self._world.executions.start(
            operation.region, operation.machine, f"by-hand-{self._started}", told | operation.input
        )

    def _meant(self, operation: form.StopExecution | form.Redrive) -> list[Execution]:
        return [
            each
            for each in self._world.executions.all
            if each.machine == operation.machine
            and operation.region in (each.region, EVERYWHERE)
            and self._world.network.acts(each.region)
        ]

    @staticmethod
    def _some(operation: Operation, found: list[Execution], what: str) -> list[Execution]:
        if not found:
            raise StageError(f"{operation.line()} was refused: no such execution {what}")
        return found
