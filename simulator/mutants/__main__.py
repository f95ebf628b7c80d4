"""``python -m simulator.mutants``: plants every bug, one at a time, and tells which of them are found.

    python -m simulator.mutants --schedules 200 --jobs 2
    python -m simulator.mutants --only lease-not-waited-out --only second-target

The exit code is 1 when one of them is not found, or when the code as it is does not pass what it is judged by.
"""

import argparse
import json
import sys
from pathlib import Path

from simulator.mutants.mutant import mutants
from simulator.mutants.score import Row, Trial, scored


def main() -> int:
    """Plant and count."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--schedules", type=int, default=100, help="seeds for each mutant, at most")
    asked.add_argument("--seed", type=int, default=0, help="the first of them")
    asked.add_argument("--only", action="append", default=[], help="a mutant's name, or how it begins")
    asked.add_argument("--jobs", type=int, default=1)
    asked.add_argument("--json", type=Path)
    told = asked.parse_args()
    chosen = [each for each in mutants() if not told.only or each.name.startswith(tuple(told.only))]
    score = scored(chosen, Trial(told.seed, told.schedules), jobs=told.jobs, told=_tell)
    for play in score.unfit:
        sys.stdout.write(f"the code as it is does not pass {play}: it judged nothing\n")
    counts = score.as_json()
    sys.stdout.write(f"{counts['killed']} of {counts['planted']} planted bugs were found\n")
    if told.json is not None:
        told.json.write_text(json.dumps(counts, indent=2) + "\n", "utf-8")
    return 1 if score.survivors or score.unfit else 0


def _tell(row: Row) -> None:
    sys.stdout.write(row.told() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
