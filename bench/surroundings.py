"""The machine that was measured on, how busy it was, and where the repository is."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from failover.topology import Topology
from rehearsal.machine import this_machine
from topology_document import load

ROOT: Final = Path(__file__).resolve().parent.parent
QUICKSTART: Final = ROOT / "topologies" / "quickstart.yaml"

BUSY: Final = 1.5
"""Above this load (of one minute) the machine had other work, and times say less."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A machine at the moment when a measurement began; ``load`` is that of the minute before."""

    machine: Mapping[str, Any]
    load: float
    at: datetime

    @classmethod
    def now(cls) -> Self:
        """Look at this machine."""
        return cls(this_machine(), os.getloadavg()[0], datetime.now(UTC))

    def told(self) -> str:
        """Return it in one line."""
        machine = self.machine
        busy = ", busy with other work" if self.load > BUSY else ""
        return (
            f"{machine['cores']} cores of {machine['processor']}, {machine['system']}, Python {machine['python']}; "
            f"load {self.load:.1f} when it began{busy}; {self.at:%Y-%m-%d %H:%M} UTC"
        )

    def as_plain(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {"machine": dict(self.machine), "load": round(self.load, 2), "at": self.at.isoformat(timespec="seconds")}


def quickstart() -> Topology:
    """Return the topology that everything here is measured on."""
    return load(QUICKSTART)
