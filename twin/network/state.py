"""The network as it is now, in a file that every process of the twin reads when it connects.

The file is replaced as a whole, so that no reader sees half of it::

    {"cut": [["us-east-1", "eu-west-1"], ["*", "us-east-1"]],   directed pairs
     "refused": [["*", "us-east-1"]],                           those of them that refuse; the others drop
     "addresses": {"127.0.1": "us-east-1", "127.0.250": "outside"},
     "tarpit": "127.0.252.1:40123"}                             connect here to hang as on a dropped path

Cuts hold for connections that are made from then on; what is open stays open, as is true of no real cut:
whoever keeps connections must be stopped or closed by the fault itself.
"""

import json
import os
import socket
import threading
from pathlib import Path
from typing import Final

from twin.network.addresses import AddressPlan
from twin.network.cuts import EVERYWHERE, Cut, Cuts

TARPIT: Final = "127.0.252.1"


class NetworkState:
    """Cuts and heals paths between regions; safe to use from several threads."""

    def __init__(self, plan: AddressPlan, path: Path) -> None:
        self.path = path
        self._plan = plan
        self._cuts = Cuts()
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
        allowed = {*self._plan.owners().values(), EVERYWHERE}
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
