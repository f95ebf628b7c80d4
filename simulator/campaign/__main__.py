"""``python -m simulator.campaign``: seeds without any telling, for programs that plant bugs and count."""

import argparse
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("POWERTOOLS_TRACE_DISABLED", "true")

from simulator.campaign import Campaign, Order, Summary, run
from topology_document import load

TOPOLOGIES = Path(__file__).parents[2] / "topologies"


def main() -> int:
    """Play seeds; exit code 1 when one of them is violated."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--topology", default="quickstart")
    asked.add_argument("--schedules", type=int, default=100)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--jobs", type=int, default=1)
    asked.add_argument("--until-violation", action="store_true")
    asked.add_argument("--json", default="-")
    told = asked.parse_args()
    summary = Summary(next_seed=told.seed)
    order = Order(load(TOPOLOGIES / f"{told.topology}.yaml"))
    run(Campaign(order, told.seed, told.schedules, None, told.jobs, told.until_violation), summary)
    text = json.dumps(summary.as_json(), indent=2)
    if told.json == "-":
        sys.stdout.write(text + "\n")
    else:
        Path(told.json).write_text(text + "\n", "utf-8")
    return 0 if summary.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
