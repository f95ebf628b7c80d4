"""The network as it is now, in a file that every process of the twin reads when it connects.

The file is replaced as a whole, so that no reader sees half of it::

    {"cut": [["us-east-1", "eu-west-1"], ["*", "us-east-1"]],   directed pairs
     "refused": [["*", "us-east-1"]],                           those of them that refuse; the others drop
     "addresses": {"127.0.1": "us-east-1", "127.0.250": "outside/checkers"},
     "tarpit": "127.0.252.1:40123",                             connect here to hang as on a dropped path
     "slow": {"us-east-1": [3.0, 1790000000.0, 20.0]},          seconds, since when, growing for how long
     "skew": {"eu-west-1": -120.0}}                             seconds by which functions' clocks are wrong

Cuts hold for connections that are made from then on. Nobody of the twin goes on over an open one: clients and
observers connect anew for each request, services ask before they use a session again, API calls are looked at one
by one, replicas are stopped by the fault. What is under way over a path that is cut still comes through.
"""

import json
import os
import socket
import threading
import time
from pathlib import Path
from typing import Final

from twin.network.addresses import OUTSIDE, AddressPlan
from twin.network.cuts import EVERYWHERE, Cut, Cuts

TARPIT: Final = "127.0.252.1"


class NetworkState:
    """Cuts and heals paths between regions; safe to use from several threads."""

    def __init__(self, plan: AddressPlan, path: Path) -> None:
        self.path = path
        self._plan = plan
        self._cuts = Cuts()
        self._slow: dict[str, tuple[float, float, float]] = {}
        self._skew: dict[str, float] = {}
        self._lock = threading.Lock()
        self._tarpit = _tarpit()
        self._write()

    @property
    def cuts(self) -> Cuts:
        """The cuts now."""
        return self._cuts

    def cut(self, source: str, target: str, how: Cut = Cut.DROPPED) -> None:
        """Let no new connection pass from source to target; either may be ``*`` or ``outside``."""
        self._known(source, target)
        with self._lock:
            self._cuts = self._cuts.cutting(source, target, how)
            self._write()

    def heal(self, source: str, target: str) -> None:
        """Take back one cut, named as it was made."""
        self._known(source, target)
        with self._lock:
            self._cuts = self._cuts.healing(source, target)
            self._write()

    def isolate(self, region: str, how: Cut = Cut.DROPPED) -> None:
        """Cut a region off from all others, from users and from checkers, in both directions."""
        self.cut(region, EVERYWHERE, how)
        self.cut(EVERYWHERE, region, how)

    def rejoin(self, region: str) -> None:
        """Take back an isolation."""
        self.heal(region, EVERYWHERE)
        self.heal(EVERYWHERE, region)

    def slow(self, region: str, seconds: float, grows: float = 0.0) -> None:
        """Let a region's application answer late; the delay grows from nothing within ``grows`` seconds."""
        self._known(region)
        with self._lock:
            self._slow[region] = (seconds, time.time(), grows)
            self._write()

    def quick(self, region: str) -> None:
        """Take back ``slow``."""
        with self._lock:
            self._slow.pop(region, None)
            self._write()

    def skew(self, region: str, seconds: float) -> None:
        """Let the wall clock of a region's functions be ahead by so much, or behind; 0 sets it right."""
        self._known(region)
        with self._lock:
            self._skew[region] = seconds
            self._write()

    def heal_all(self) -> None:
        """Take back every cut."""
        with self._lock:
            self._cuts = Cuts()
            self._write()

    def between(self, source: str, target: str) -> Cut | None:
        """Return how a connection from one address to another fails now, or ``None``."""
        return self._cuts.between(self._plan.owner(source), self._plan.owner(target))

    def close(self) -> None:
        """Close the tarpit; the file stays, and stays true."""
        for held in self._tarpit:
            held.close()

    def _known(self, *names: str) -> None:
        allowed = {*self._plan.owners().values(), OUTSIDE, EVERYWHERE}
        for name in names:
            if name not in allowed:
                raise KeyError(f"{name}: no such place in this twin's network; it has {', '.join(sorted(allowed))}")

    def _write(self) -> None:
        host, port = self._tarpit[0].getsockname()
        pairs = self._cuts.pairs
        document = {
            "cut": [list(pair) for pair in pairs],
            "refused": [list(pair) for pair, how in pairs.items() if how is Cut.REFUSED],
            "addresses": self._plan.owners(),
            "tarpit": f"{host}:{port}",
            "slow": self._slow,
            "skew": self._skew,
        }
        draft = self.path.with_suffix(".draft")
        draft.write_text(json.dumps(document, indent=1), encoding="utf-8")
        os.replace(draft, self.path)  # noqa: PTH105  (the same call, and the word that says what it is for)


def _tarpit() -> list[socket.socket]:
    """Return a listener whose queue is full, with what fills it: the kernel drops further attempts.

    So a connection over a dropped path hangs in the kernel itself, whatever library made it.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind((TARPIT, 0))
    listener.listen(0)
    fillers = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(3)]
    for filler in fillers:
        filler.settimeout(0)
        filler.connect_ex(listener.getsockname())
    return [listener, *fillers]
