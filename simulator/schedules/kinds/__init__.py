"""One fault of each kind, drawn: where it is, and how bad."""

from collections.abc import Callable, Mapping
from typing import Final

from rehearsal.form.faults import Fault, FaultKind
from simulator.schedules.kinds.databases import DATABASES
from simulator.schedules.kinds.functions import FUNCTIONS
from simulator.schedules.kinds.network import NETWORK
from simulator.schedules.lots import Lots

DRAWN: Final[Mapping[FaultKind, Callable[[Lots], Fault]]] = dict(sorted({**DATABASES, **FUNCTIONS, **NETWORK}.items()))
"""How each kind is drawn; in the order of their names."""

OF_DATABASES: Final = frozenset(DATABASES)
"""Those that a topology without a database that can move does not have."""
