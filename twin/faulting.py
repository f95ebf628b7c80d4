"""How a kind of fault is done and undone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Doing:
    """``apply`` breaks what a fault of the kind says, ``heal`` mends what exactly that one broke."""

    apply: Callable[[Any], None]
    heal: Callable[[Any], None]
