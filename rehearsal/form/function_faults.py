"""What can break of the functions: not run, not in time, killed or frozen in their midst, with a wrong clock."""

from pydantic import Field

from rehearsal.form.entries import EVERYWHERE
from rehearsal.form.fault_kinds import Fault, FaultKind, Invoked


class ObserverDown(Fault):
    """A control region's prober does not run; everything else of the region does."""

    kind, shorthand = FaultKind.OBSERVER_DOWN, "region"
    region: str


class GuardDead(Fault):
    """The guard of a region does not run: nobody extends its leases.

    A ``frozen`` one stands still in the midst of what it does, and goes on there when it is healed.
    """

    kind, outage, shorthand = FaultKind.GUARD_DEAD, True, "region"
    region: str
    frozen: bool = False


class FunctionsDown(Fault):
    """No function runs and no rule fires in a region; its databases and its application live on."""

    kind, outage, shorthand = FaultKind.FUNCTIONS_DOWN, True, "region"
    region: str


class FunctionsFrozen(Fault):
    """Every function of a region stands still in the midst of what it does, and goes on there when it is healed.

    What was begun meanwhile waits. Nobody inside notices: what was read before is acted on after.
    """

    kind, outage, shorthand = FaultKind.FUNCTIONS_FROZEN, True, "region"
    region: str


class ExecutorKilled(Fault):
    """The function that runs a step dies in its midst, the next ``times`` that it runs.

    It dies when its ``write``-th write has happened, before it learns so (0: before the first); one that writes less,
    before it answers.
    """

    kind, shorthand = FaultKind.EXECUTOR_KILLED, "step"
    step: str
    region: str = EVERYWHERE
    times: int = Field(default=1, ge=1)
    write: int = Field(default=1, ge=0)


class ExecutorFrozen(Fault):
    """The function that runs a step stands still in its midst for ``seconds``, the next ``times`` that it runs.

    It does so when its ``write``-th write has happened (0: before the first, when it has read what it acts on); one
    that writes less, before it answers. Then it goes on, whatever was done without it meanwhile.
    """

    kind, shorthand = FaultKind.EXECUTOR_FROZEN, "step"
    step: str
    region: str = EVERYWHERE
    times: int = Field(default=1, ge=1)
    write: int = Field(default=0, ge=0)
    seconds: float = Field(default=10.0, gt=0)


class Invocations(Fault):
    """What becomes of the invocations of a function, the next ``times`` or as long as the fault stands.

    ``throttled``: refused, as Lambda refuses when too many run. ``cold``: no instance is kept, each begins anew.
    ``timed_out``: it stands still where it first asks somebody, and is ended when its time is over.
    """

    kind, shorthand = FaultKind.INVOCATIONS, "how"
    how: Invoked
    step: str = EVERYWHERE
    region: str = EVERYWHERE
    times: int | None = Field(default=None, ge=1)


class ClockSkew(Fault):
    """The wall clock of a region's functions is ahead by ``seconds``, or behind where negative."""

    kind = FaultKind.CLOCK_SKEW
    region: str
    seconds: float
