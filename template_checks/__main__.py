"""``python -m template_checks [TOPOLOGY…]``: every checker over every topology; exit code 1 when something is found."""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import topology_document
from template_checks import checkov, house, lint, nag, shapes
from template_checks.assembly import Acceptance, Assembly
from template_checks.finding import Finding
from template_checks.judging import Verdict

ROOT: Final = Path(__file__).resolve().parents[1]
CHECKERS: Final = ("nag", "lint", "checkov", "house")

Looked = tuple[str, float, list[Finding], tuple[Acceptance, ...]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Check what is asked for; returns the exit code."""
    asked = _parser().parse_args(arguments)
    every = sorted((ROOT / "topologies").glob("*.yaml"))
    topologies = [path.resolve() for path in asked.topologies] or every
    verdict = Verdict()
    # Node stands beside this Python; each process has one of its own, which a fork would share.
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"
    with ProcessPoolExecutor(asked.jobs, get_context("spawn"), max_tasks_per_child=1) as pool:
        for name, seconds, findings, acceptances in pool.map(_look, topologies, [asked.checkers] * len(topologies)):
            before = len(verdict.open)
            verdict.judge(findings, acceptances)
            left = len(verdict.open) - before
            print(f"{name}: {len(findings)} findings, {left} not accepted, {seconds:.0f} s", file=sys.stderr)
    for finding in verdict.open:
        print(finding)
    complete = not asked.topologies and set(asked.checkers) == set(CHECKERS)
    unneeded = verdict.unneeded if complete else []
    for rule, because in unneeded:
        print(f"{rule}: accepted and found nowhere; take it away: {because}")
    print(f"{len(verdict.open)} open, {verdict.accepted} accepted with a reason", file=sys.stderr)
    return 1 if verdict.open or unneeded else 0


def _look(topology: Path, checkers: Sequence[str]) -> Looked:
    began = time.monotonic()
    with TemporaryDirectory(prefix="template-checks-") as work:
        into = Path(work) / "assembly"
        assembly = nag.synthesised(topology, into, judged="nag" in checkers)
        found = list(_found(assembly, topology, checkers, Path(work) / "checkov"))
        return topology.stem, time.monotonic() - began, found, assembly.acceptances


def _found(assembly: Assembly, topology: Path, checkers: Sequence[str], work: Path) -> Iterator[Finding]:
    document = topology_document.load(topology)
    templates = shapes.distinct(assembly.templates, document.name)
    if "nag" in checkers:
        yield from nag.findings(assembly)
    if "lint" in checkers:
        yield from lint.findings(assembly, templates)
    if "checkov" in checkers:
        yield from checkov.findings(assembly, templates, work)
    if "house" in checkers:
        yield from house.findings(assembly)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m template_checks", description="Check synthesised templates.")
    parser.add_argument("topologies", nargs="*", type=Path, metavar="TOPOLOGY", help="a YAML file; all where none is")
    parser.add_argument("--checkers", nargs="+", choices=CHECKERS, default=CHECKERS, help="all where none is")
    parser.add_argument("--jobs", type=int, default=2, help="so many at once")
    return parser


if __name__ == "__main__":
    sys.exit(main())
