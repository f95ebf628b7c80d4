"""``python -m bench [NAME…]``: measure, and print the machine, the numbers, and what they should have been.

The exit code is 0 when everything could be measured, whatever came out; 1 when something could not; 2 for usage.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from bench.markdown import rendered
from bench.numbers import Measure, MeasurementError, Table
from bench.page import place, replace_measured
from bench.surroundings import Surroundings

MEASUREMENTS: Final = {
    "decide": "bench.decisions",
    "machine": "bench.machine_in_memory",
    "simulate": "bench.simulated_schedules",
    "steps": "bench.step_imports",
    "synth": "bench.synthesis",
    "products": "bench.synthesis_of_products",
    "gate": "bench.gate_cost",
    "failover": "bench.region_failover",
    "moves": "bench.moves",
}
"""Each one's module, imported when it is asked for: the twin alone takes a second. The longest comes last."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for; returns the exit code."""
    asked = _parser().parse_args(arguments)
    if unknown := [name for name in asked.names if name not in MEASUREMENTS]:
        sys.stderr.write(f"{', '.join(unknown)}: nothing here measures that; choose from {', '.join(MEASUREMENTS)}\n")
        return 2
    # Node stands beside this Python, whatever else the machine has.
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"
    os.environ["JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION"] = "1"
    documents, failed = [], False
    for name in asked.names or MEASUREMENTS:
        try:
            documents.append(_measured(name, quick=asked.quick, page=asked.write))
        except MeasurementError as exc:
            sys.stderr.write(f"{name}: {exc}\n")
            failed = True
    if asked.json is not None:
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.write_text(json.dumps(documents, indent=2), encoding="utf-8")
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure; nothing is asserted.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MEASUREMENTS)}; all where none is")
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample as JSON")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the tables between a document's markers")
    return parser


def _measured(name: str, *, quick: bool, page: Path | None) -> dict[str, Any]:
    if page is not None:
        place(page, name)  # refused now, and not when it has been measured
    surroundings = Surroundings.now()
    measure: Measure = import_module(MEASUREMENTS[name]).measure
    table = measure(quick, _tell)
    text = rendered(table, surroundings)
    sys.stdout.write(f"\n## {name}: {table.title}\n\n{text}\n")
    sys.stdout.flush()
    if page is not None:
        replace_measured(page, name, text)
    return _document(table, surroundings)


def _document(table: Table, surroundings: Surroundings) -> dict[str, Any]:
    return {
        "name": table.name,
        "title": table.title,
        "ground": table.ground.value,
        **surroundings.as_plain(),
        "numbers": [
            {
                "what": each.what,
                "unit": each.unit,
                "median": each.median,
                "worst": each.worst,
                "samples": list(each.samples),
                "target": each.target and {"limit": each.target.limit, "of": each.target.of.value},
                "met": each.target and each.target.met(each),
            }
            for each in table.numbers
        ],
        "remarks": list(table.remarks),
    }


def _tell(text: str) -> None:
    sys.stderr.write(f"  {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
