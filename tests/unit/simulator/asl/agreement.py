"""Two engines agree on an execution: the same end, and in each branch the same states with the same documents."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.simulator.asl import our_engine, second_engine
from tests.unit.simulator.asl.scripts import Script, Trace


def agreed(definition: Mapping[str, Any], document: Any, script: Script) -> Trace:
    """Run a machine in both engines and return what ours tells; fails where they differ.

    Branches that were stopped because one beside them failed have come as far as threads had time for, so that of
    each of those one engine's steps need only be the beginning of the other's.
    """
    ours, broken = our_engine.run(definition, document, script)
    theirs = second_engine.run(definition, document, script.anew())
    assert (ours.status, ours.error) == (theirs.status, theirs.error)
    assert ours.cause == theirs.cause or ours.error == "States.Runtime"  # each says it in its own words
    assert ours.output == theirs.output
    for place in sorted({*ours.steps, *theirs.steps}):
        mine, other = ours.steps.get(place, []), theirs.steps.get(place, [])
        if any(place.startswith(f"{each}[") for each in broken):
            length = min(len(mine), len(other))
            mine, other = mine[:length], other[:length]
        assert mine == other, place
    if not any(f"{each}[0]" in ours.steps for each in broken):
        assert sorted(ours.pauses) == pytest.approx(sorted(theirs.pauses))
        assert ours.asked == theirs.asked
    return ours
