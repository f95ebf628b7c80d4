"""A document with its broken values taken out, so that everything else in it can still be checked.

A broken value gives way to its default, or to its example where it has none; what then reads that value is
not checked, since the stand-in is not what the author wrote.
"""

import copy
from collections.abc import Collection
from typing import Any

from pydantic import ValidationError

from topology_document.document import TopologyDocument
from topology_document.findings import Path
from topology_document.spots import example_of, spot_at


def repaired(values: dict[str, Any], broken: Collection[Path]) -> TopologyDocument | None:
    """Return the document with stand-ins for its broken values, or None where that is no document either."""
    if () in broken:
        return None
    whole = copy.deepcopy(values)
    for path in sorted(set(broken), key=len):
        _stand_in(whole, path)
    try:
        return TopologyDocument.model_validate(whole)
    except ValidationError:
        return None


def _stand_in(values: dict[str, Any], path: Path) -> None:
    spot = spot_at(path)
    around = _inside(values, path[:-1])
    if around is None:
        return
    if spot.kind is None or spot.field is None or spot.depth < len(path):
        around.pop(path[-1], None)
        emptied = spot.field is not None and spot.depth == len(path) - 1 and not around
        if emptied and spot.section:
            _stand_in(values, path[:-1])
    elif spot.field.is_required():
        around[path[-1]] = copy.deepcopy(example_of(spot.field))
    else:
        around.pop(path[-1], None)


def _inside(values: Any, path: Path) -> dict[str, Any] | None:
    """Return the mapping at a path, or None where an ancestor has already given way."""
    for key in path:
        values = values.get(key) if isinstance(values, dict) else None
    return values if isinstance(values, dict) else None
