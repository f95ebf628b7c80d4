"""The month's cost of a document: its stacks are synthesised, and their templates read."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from cli.reading import also_asked_for
from costs import Estimate, Placed, estimate
from stacks.cdk_command import run_cdk, synth
from topology_document import load_whole

SYNTHESIS_SECONDS: Final = 300
STACK: Final = "aws:cloudformation:stack"


def cost_of(document: Path) -> Estimate:
    """Return the estimate of a document; it takes as long as a synthesis, and asks nobody.

    Raises:
        CdkError: the stacks cannot be synthesised.
    """
    environment = also_asked_for(None)
    topology, infrastructure = load_whole(document, environment)
    with TemporaryDirectory() as place:
        run_cdk(synth(document.resolve(), Path(place), environment), limit_seconds=SYNTHESIS_SECONDS)
        return estimate(topology, templates_of(Path(place)), infrastructure.costs)


def templates_of(assembly: Path) -> list[Placed]:
    """Return every stack's template of a cloud assembly, with the region that it is for."""
    artifacts = json.loads((assembly / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
    return [
        Placed(
            region=told["environment"].rpartition("/")[2],
            stack=name,
            template=json.loads((assembly / told["properties"]["templateFile"]).read_text(encoding="utf-8")),
        )
        for name, told in artifacts.items()
        if told["type"] == STACK
    ]
