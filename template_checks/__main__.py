"""``python -m template_checks [TOPOLOGY…]``: every checker over every topology; exit code 1 when something is found."""

import argparse
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from template_checks.judging import Verdict
from template_checks.looking import CHECKERS, look

ROOT: Final = Path(__file__).resolve().parents[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Check what is asked for; returns the exit code."""
    asked = _parser().parse_args(arguments)
    every = sorted((ROOT / "topologies").glob("*.yaml"))
    topologies = [path.resolve() for path in asked.topologies] or every
    verdict = Verdict()
    # Node stands beside this Python; each process has one of its own, which a fork would share.
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"
    with ProcessPoolExecutor(asked.jobs, get_context("spawn"), max_tasks_per_child=1) as pool:
        for name, seconds, findings, acceptances in pool.map(look, topologies, [asked.checkers] * len(topologies)):
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m template_checks", description="Check synthesised templates.")
    parser.add_argument("topologies", nargs="*", type=Path, metavar="TOPOLOGY", help="a YAML file; all where none is")
    parser.add_argument("--checkers", nargs="+", choices=CHECKERS, default=CHECKERS, help="all where none is")
    parser.add_argument("--jobs", type=int, default=2, help="so many at once")
    return parser


if __name__ == "__main__":
    sys.exit(main())
