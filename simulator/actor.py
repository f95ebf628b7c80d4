"""Somebody who acts in virtual time: ordinary blocking code, on a greenlet of its own."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import simpy
from greenlet import GreenletExit, getcurrent, greenlet

if TYPE_CHECKING:
    from simulator.kernel import Kernel


class Actor:
    """One thread of work. ``done`` comes true when it has ended, however it ended.

    ``children`` are the actors that do a part of its work while it waits for them all. ``owes`` are seconds that have
    passed for it already and that it has not waited for yet: the way back of an answer, while it only computes. It
    waits for them with the next thing that it waits for, which saves an event for each call.
    """

    __slots__ = (
        "_awaits",
        "_frozen",
        "_greenlet",
        "_kernel",
        "_missed",
        "children",
        "context",
        "done",
        "goes_on",
        "lives",
        "name",
        "owes",
        "value",
    )

    def __init__(self, kernel: "Kernel", play: Callable[[], Any], name: str, context: Any) -> None:
        self.name, self.context = name, context
        self.done: simpy.Event = kernel.env.event()
        self.lives = True
        self.value: Any = None
        self.owes = 0.0
        self._kernel = kernel
        self._frozen = self._missed = False
        self._awaits: simpy.Event | None = None
        self.children: list[Actor] = []
        self.goes_on = self.resume  # bound once, and not for each sleep
        self._greenlet = greenlet(lambda: self._run(play), kernel.hub)

    def kill(self) -> None:
        """End it where it is; whatever it holds is left as it is. An actor does not kill itself."""
        if not self.lives:
            return
        self._end()
        kernel = self._kernel
        killer, kernel.running = kernel.running, self  # its last blocks may want to wait: they are its own, and end
        self._greenlet.parent = getcurrent()
        self._greenlet.throw(GreenletExit)
        self._greenlet.parent = kernel.hub
        kernel.running = killer

    def freeze(self) -> None:
        """Let it stand still, and all that it has done at once with it."""
        self._frozen = True
        for child in self.children:
            child.freeze()

    def thaw(self) -> None:
        """Let it go on: what it waited for may have come meanwhile."""
        self._frozen = False
        for child in self.children:
            child.thaw()
        if self._missed:
            self._missed = False
            self._kernel.now_or_later(0.0, self.goes_on)

    def pay(self) -> None:
        """Wait for what it owes, before it touches anything of the world; only this actor itself calls it."""
        if self.owes:
            self._kernel.sleep(0.0)

    def wait(self, event: simpy.Event) -> Any:
        """Leave the turn until the event has come, and return its value; only this actor itself calls it."""
        if not self.lives:
            raise GreenletExit
        self.pay()
        if event.callbacks is not None:
            self._awaits = event
            event.callbacks.append(self._came)
            self._kernel.hub.switch()
            self._awaits = None
        return event.value

    def resume(self) -> None:
        """Take the turn, if it may."""
        if not self.lives:
            return
        if self._frozen:
            self._missed = True
            return
        kernel = self._kernel
        kernel.running = self
        try:
            self._greenlet.switch()
        finally:
            kernel.running = None

    def _came(self, event: simpy.Event) -> None:
        if event is self._awaits:
            self.resume()

    def _run(self, play: Callable[[], Any]) -> None:
        try:
            self.value = play()
            if self.lives:
                self.pay()
        finally:  # also when it ends itself in its midst
            if self.lives:
                self._end()

    def _end(self) -> None:
        self.lives = False
        del self._kernel.living[self]
        self.done.succeed()
