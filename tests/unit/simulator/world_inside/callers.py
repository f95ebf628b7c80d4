"""Whoever asks over a modelled network, and what they hear."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulator.kernel import Kernel
from simulator.world.functions import FunctionFailed
from simulator.world.network import Network, NoAnswer, Refused
from tests.unit.simulator.world_outside.scene import latencies, network


@dataclass
class Callers:
    """Asks in turns of their own, and notes what was done where, and how each call ended and when."""

    network: Network = field(default_factory=network)
    done: list[float] = field(default_factory=list)
    heard: list[tuple[float, str]] = field(default_factory=list)

    @property
    def kernel(self) -> Kernel:
        """The time."""
        return self.network.kernel

    def ask(
        self,
        source: str,
        target: str,
        *,
        at: float = 0.0,
        service: str = "rds",
        seconds: float = 3.0,
        takes: float = 0.0,
        fails: Exception | None = None,
    ) -> None:
        """Ask at a moment."""

        def act() -> str:
            self.done.append(self.kernel.now)
            if fails is not None:
                raise fails
            return "an answer"

        self.begin(
            lambda: self.network.ask(
                source, target, act, service=service, timeout_seconds=seconds, takes_seconds=takes
            ),
            at=at,
        )

    def begin(self, call: Callable[[], Any], *, at: float = 0.0, context: Any = None) -> None:
        """Make a call of any kind at a moment, and note how it ends."""

        def play() -> None:
            try:
                told = str(call())
            except NoAnswer:
                told = "no answer"
            except Refused as exc:
                told = exc.code
            except (FunctionFailed, KeyError) as exc:
                told = getattr(exc, "name", None) or type(exc).__name__
            self.heard.append((self.kernel.now, told))

        self.kernel.actor(play, "caller", after=at, context=context)

    def run(self, until: float = 60.0) -> list[str]:
        """Let time pass; returns what was heard."""
        self.kernel.run(until)
        return [told for _, told in self.heard]

    def settle(self) -> None:
        """Something of the network was changed."""
        self.network.settle()

    def later(self, at: float, change: Callable[[], Any]) -> None:
        """Change something of the network at a moment."""

        def do() -> None:
            change()
            self.settle()

        self.kernel.now_or_later(at, do)


__all__ = ["Callers", "latencies"]
