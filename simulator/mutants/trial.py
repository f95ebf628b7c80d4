"""One tree on trial: what breaks in it, of the scenarios that it is told and of the seeds that are drawn.

    python -m simulator.mutants.trial --scenario drills/region-down.yaml --schedules 200 --seed 0

It runs in the tree that it judges (see ``planting``) and writes what it found as JSON.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Final

os.environ.setdefault("POWERTOOLS_TRACE_DISABLED", "true")

import failover
from simulator.campaign import Order, play_seed
from simulator.mutants.directed import broken_in
from topology_document import load

TOPOLOGIES: Final = ("quickstart", "storefront", "aurora")
"""Seeds take turns on them."""

PROMISES_SECONDS: Final = 300
PASSED, BROKEN = 0, 1
"""What pytest exits with."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that broke: in which play, an invariant's number or what else it was, and why."""

    play: str
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What broke: in which of the scenarios, and under which of the seeds. ``tree`` is the folder that was judged."""

    tree: str
    directed: tuple[Finding, ...]
    drawn: tuple[Finding, ...]


def tried(scenarios: Sequence[str], seeds: Sequence[int], *, goes_on: bool) -> Verdict:
    """Play the scenarios, and then the seeds until one is violated; where it ``goes_on``, all of them."""
    directed = tuple(found for file in scenarios if (found := _directed(file)) is not None)
    drawn = []
    for found in filter(None, map(_drawn, seeds)):
        drawn.append(found)
        if not goes_on:
            break
    return Verdict(str(Path(failover.__file__).parents[2]), directed, tuple(drawn))


def _directed(file: str) -> Finding | None:
    """Play a scenario, or run a module of promises; each finds one thing at most."""
    if file.endswith(".py"):
        return _broken_promise(file)
    found = broken_in(Path(file))
    return None if found is None else Finding(file, *found)


def _broken_promise(file: str) -> Finding | None:
    """Run a test module of this tree; raises ``RuntimeError`` where it does not run at all."""
    asked = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "-p", "no:cacheprovider", file]
    ended = subprocess.run(asked, capture_output=True, text=True, timeout=PROMISES_SECONDS, check=False)
    if ended.returncode == PASSED:
        return None
    broken = [line for line in ended.stdout.splitlines() if line.startswith("FAILED ")]
    if ended.returncode != BROKEN or not broken:
        raise RuntimeError(f"{file} does not run: {ended.stdout[-300:]}")
    name, _, why = broken[0].removeprefix("FAILED ").partition(" - ")
    return Finding(file, "promise", f"{name.rpartition('::')[2]}: {why}")


def _drawn(seed: int) -> Finding | None:
    name = TOPOLOGIES[seed % len(TOPOLOGIES)]
    violation = play_seed(_order(name), seed).violation
    return None if violation is None else Finding(f"{name}, seed {seed}", violation.what, violation.why)


@cache
def _order(topology: str) -> Order:
    return Order(load(Path("topologies") / f"{topology}.yaml"))


def main() -> int:
    """Try the tree that this runs in, and write the verdict."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--scenario", action="append", default=[], dest="scenarios")
    asked.add_argument("--schedules", type=int, default=100)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--but", type=int, action="append", default=[], help="a seed that is left out")
    asked.add_argument("--goes-on", action="store_true", help="try every seed, also when one was violated")
    told = asked.parse_args()
    seeds = [seed for seed in range(told.seed, told.seed + told.schedules) if seed not in told.but]
    verdict = tried(told.scenarios, seeds, goes_on=told.goes_on)
    sys.stdout.write(json.dumps(asdict(verdict)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
