"""The whole of a document as JSON and back: what one process has read and checked, for another to build from."""

import json
from typing import Final

from failover.topology import Topology, compiled, parse
from topology_document.infrastructure import NOTHING, Infrastructure

KEY: Final = "infrastructure"
"""Under it stands what no function reads, beside the keys of the compiled topology."""


def written(topology: Topology, infrastructure: Infrastructure = NOTHING) -> str:
    """Return both as one JSON text."""
    areas = infrastructure.model_dump(mode="json", exclude_defaults=True)
    return json.dumps({**compiled(topology), **({KEY: areas} if areas else {})})


def read_compiled(text: str) -> tuple[Topology, Infrastructure]:
    """Return what ``written`` was given; it was validated when it was compiled.

    Raises:
        KeyError, ValueError, TypeError: ``written`` did not make it.
    """
    document = json.loads(text)
    areas = document.pop(KEY, {})
    return parse(document), Infrastructure.model_validate_json(json.dumps(areas))
