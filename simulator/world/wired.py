"""The handlers' own wiring, turned to the world: who acts says in which region, and with which ports."""

import logging
from typing import Any, Final

from runtime import wiring
from runtime.entry import logger
from simulator.kernel import Kernel
from simulator.world.runs import Run, Wiring


class _Now:
    """The kernel whose turn it is; there is one schedule at a time in a process."""

    kernel: Kernel | None = None


NOW: Final = _Now()


def give_turn_to(kernel: Kernel) -> None:
    """Let the handlers of this process act in this kernel's time, until ``give_back``."""
    NOW.kernel = kernel
    logger.setLevel(logging.CRITICAL)  # thousands of runs say nothing that the journal does not
    for name, given in GIVEN.items():
        setattr(wiring, name, given)


def give_back() -> None:
    """Let the handlers of this process be wired to AWS again, as they were when this module was imported."""
    NOW.kernel = None
    logger.setLevel(LEVEL)
    for name, own in OWN.items():
        setattr(wiring, name, own)


def _mine() -> Wiring:
    actor = NOW.kernel.running if NOW.kernel is not None else None
    context = actor.context if actor is not None else None
    if not isinstance(context, Run):
        raise RuntimeError("a handler was called by somebody who is no function of the modelled Lambda")
    return context.wiring


GIVEN: Final[dict[str, Any]] = {
    "ports": lambda: _mine().ports,
    "topology": lambda: _mine().topology,
    "here": lambda: _mine().ports.here,
    "lever": lambda: _mine().lever,
    "promising_ports": lambda: _mine().promising,
    "database_desk": lambda: _mine().desk,
    "guard_ports": lambda: _mine().guard,
    "rehearse": lambda: None,
}
"""What handlers ask ``runtime.wiring`` for."""

OWN: Final[dict[str, Any]] = {name: getattr(wiring, name) for name in GIVEN}
LEVEL: Final = logger.log_level
"""What stood there before."""
