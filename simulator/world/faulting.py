"""One kind of fault: how it is broken, and how mended."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Doing:
    """What applying and healing a fault do."""

    apply: Callable[[Any], None]
    heal: Callable[[Any], None]
