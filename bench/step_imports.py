"""What a cold start costs before the handler is called: each step imported in a fresh interpreter, from the bundle.

On AWS the bundle lies on a read-only disk and holds no bytecode, so every cold start compiles it: so does this.
"""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.numbers import Ground, Judged, MeasurementError, Number, Table, Target, Told
from bench.surroundings import quickstart

RUNS, QUICK_RUNS = 5, 2
LIMIT_SECONDS: Final = 60
TARGET: Final = Target(350, Judged.MEDIAN)
LAZY: Final = ("boto3", "botocore.session", "pg8000")
"""What makes clients and sessions: a handler imports none of it before its first call needs one."""

IMPORT: Final = f"""
import sys, time
sys.path[0:0] = [sys.argv[1]]
began = time.perf_counter()
import importlib
handler = importlib.import_module(sys.argv[2] + ".handler")
seconds = time.perf_counter() - began
import json
early = [name for name in {LAZY!r} if name in sys.modules]
print(json.dumps({{"seconds": seconds, "file": handler.__file__, "early": early}}))
"""


@dataclass(frozen=True, slots=True)
class Imported:
    """One step, imported in fresh interpreters; ``early`` is what it should have left for later.

    ``process_seconds`` are from the start of the interpreter to its end.
    """

    step: str
    seconds: Sequence[float]
    process_seconds: Sequence[float]
    compiled_seconds: Sequence[float]
    early: Sequence[str]


def measure(quick: bool, told: Told) -> Table:  # noqa: FBT001
    """Import each step some times as it is deployed, and once more with its bytecode ready."""
    found = list(_imported(QUICK_RUNS if quick else RUNS, told))
    slowest = sorted(found, key=lambda each: statistics.median(each.seconds), reverse=True)
    numbers = [
        _pooled("every step", (each.seconds for each in found)),
        _pooled("every step, were its bytecode there", (each.compiled_seconds for each in found)),
        _pooled("every step, from the interpreter's start to its end", (each.process_seconds for each in found)),
        *(Number(f"`{each.step}`", _ms(each.seconds), "ms", TARGET) for each in slowest),
    ]
    early = [f"`{each.step}` imports {', '.join(each.early)} before it is called." for each in found if each.early]
    lazy = f"No step imports {', '.join(LAZY)} before it is called: clients are made when they are needed."
    return Table("steps", "import and init of each step in a fresh interpreter", Ground.ALONE, numbers, early or [lazy])


def environment(step: str, code: Path) -> dict[str, str]:
    """Return what a function's process is told on AWS, as far as an import can see it."""
    return {
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_LAMBDA_FUNCTION_NAME": step,
        "LAMBDA_TASK_ROOT": str(code),
        "LOG_LEVEL": "INFO",
        "POWERTOOLS_METRICS_NAMESPACE": "Lifeboat",
        "POWERTOOLS_SERVICE_NAME": step,
    }


def _imported(runs: int, told: Told) -> Iterator[Imported]:
    # The CDK brings node with it: whoever measures something else need not wait for that.
    from stacks.constructs.function_bundle import FunctionBundle

    with tempfile.TemporaryDirectory(prefix="lifeboat-bench-") as folder:
        bare, compiled = Path(folder) / "bare", Path(folder) / "compiled"
        bundle = FunctionBundle.build(quickstart(), Path(folder) / "bundle")
        with zipfile.ZipFile(bundle.path) as archive:
            archive.extractall(bare)
        steps = sorted(path.parent.name for path in bare.glob("*/handler.py"))
        told(f"{len(steps)} steps, {runs} fresh interpreters each")
        shutil.copytree(bare, compiled)
        for step in steps:
            _once(step, compiled, "-I")  # writes the bytecode; and what both need is in memory from now on
        for step in steps:
            alike = [_once(step, bare, "-I", "-B") for _ in range(runs)]
            yield Imported(
                step,
                [each.seconds for each in alike],
                [each.process_seconds for each in alike],
                [_once(step, compiled, "-I").seconds],
                alike[0].early,
            )


@dataclass(frozen=True, slots=True)
class _Once:
    """One import: what Imported has of many."""

    seconds: float
    process_seconds: float
    early: Sequence[str]


def _once(step: str, code: Path, *options: str) -> _Once:
    command = [sys.executable, *options, "-c", IMPORT, str(code), step]
    began = time.perf_counter()
    try:
        ended = subprocess.run(
            command,
            check=False,
            env=environment(step, code),
            cwd=code,
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
        )
    except subprocess.TimeoutExpired as exc:
        raise MeasurementError(f"{step} was not imported within {LIMIT_SECONDS} s") from exc
    process_seconds = time.perf_counter() - began
    if ended.returncode != 0:
        last = ended.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise MeasurementError(f"{step} cannot be imported from the bundle: {last[0]}")
    told = json.loads(ended.stdout.splitlines()[-1])
    if not Path(told["file"]).is_relative_to(code):
        raise MeasurementError(f"{step} was imported from {told['file']}, which is not the bundle")
    return _Once(float(told["seconds"]), process_seconds, [str(each) for each in told["early"]])


def _pooled(what: str, seconds: Iterable[Sequence[float]]) -> Number:
    return Number(what, [ms for each in seconds for ms in _ms(each)], "ms")


def _ms(seconds: Sequence[float]) -> list[float]:
    return [each * 1000 for each in seconds]
