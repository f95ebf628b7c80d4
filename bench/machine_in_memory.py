"""How much work a failover is by itself: the real state machine and handlers, no AWS, no waiting.

What the twin's failovers take beyond this is the work of databases, processes and networks, and waiting.
"""

import importlib
import io
import json
import os
import re
import sys
import time
from contextlib import redirect_stdout
from types import SimpleNamespace
from typing import Any, Final

from bench.memory_product import MemoryProduct, wired
from bench.numbers import Ground, Judged, MeasurementError, Number, Table, Target, Told
from bench.surroundings import ROOT, quickstart
from failover.procedures.deciding import decide_failover
from failover.topology import Topology
from simulator.asl import Interpreter, MachineFailed

RUNS, QUICK_RUNS = 200, 20
LEAST_PER_SECOND: Final = 50.0
"""Schedules that a core must simulate in a second; a machine that is slower than that leaves no room for one."""

EXECUTOR: Final = "eu-west-1"


def measure(quick: bool, told: Told) -> Table:  # noqa: FBT001
    """Fail a product in memory over again and again, a new one each time."""
    topology, runs = quickstart(), QUICK_RUNS if quick else RUNS
    told(f"{runs} failovers in memory")
    seconds, states = [], 0
    _one(topology)  # imports the handlers; not counted
    for _ in range(runs):
        taken, states = _one(topology)
        seconds.append(taken)
    return Table(
        "machine",
        "a whole failover in memory",
        Ground.MEMORY,
        (
            Number("one failover, from the decision to the page", [each * 1000 for each in seconds], "ms"),
            Number(
                "failovers of one core",
                [1 / each for each in seconds],
                "/s",
                Target(LEAST_PER_SECOND, Judged.MEDIAN, floor=True),
                more_is_better=True,
            ),
        ),
        (
            f"{states} states each, of `state_machines/failover.asl.json`, with the handlers and Powertools; "
            "the target is what a simulation of such schedules needs at the least.",
        ),
    )


def _one(topology: Topology) -> tuple[float, int]:
    """Return the seconds of one failover, and how many states it went through."""
    product, entered = MemoryProduct(topology), list[str]()
    product.lose_the_primary()
    with redirect_stdout(io.StringIO()), wired(product, EXECUTOR):  # metrics are lines on stdout
        definition = json.loads((ROOT / "state_machines" / "failover.asl.json").read_text("utf-8"))
        interpreter = Interpreter(definition, _invoke, product.clock.sleep, _Functions(), entered.append)
        began = time.perf_counter()
        decide_failover(product.ports(EXECUTOR), topology)
        try:
            for name, (_machine, document) in product.machines.started.items():
                interpreter.execute(document, name)
        except MachineFailed as exc:
            raise MeasurementError(
                f"the failover in memory failed, so that there is nothing to measure: {exc}"
            ) from exc
        seconds = time.perf_counter() - began
    wanted = {(each.name, EXECUTOR) for each in topology.databases}
    if product.writers() != wanted:
        raise MeasurementError(f"after the failover in memory {product.writers()} may write; it should be {wanted}")
    return seconds, len(entered)


class _Functions(dict[str, str]):
    """``PromoteDatabaseArn`` → ``promote_database``."""

    def __missing__(self, key: str) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "_", key.removesuffix("Arn")).lower()


def _invoke(function: str, payload: Any, _limit_seconds: float) -> Any:
    """Call a step's handler, through JSON as Lambda does."""
    context = SimpleNamespace(
        function_name=function,
        memory_limit_in_mb=1769,
        invoked_function_arn=f"arn:aws:lambda:{EXECUTOR}:111122223333:function:{function}",
        aws_request_id="measuring",
        get_remaining_time_in_millis=lambda: 10_000,
    )
    return json.loads(json.dumps(_handler(function)(json.loads(json.dumps(payload)), context)))


def _handler(function: str) -> Any:
    lambdas = str(ROOT / "lambdas")
    if lambdas not in sys.path:
        sys.path.append(lambdas)
    # What the stacks say; Powertools wants it when a handler is imported.
    os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "Lifeboat")
    os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "bench")
    return importlib.import_module(f"{function}.handler").handle
