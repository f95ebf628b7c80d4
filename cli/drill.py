"""``lifeboat drill``: play a scenario on the twin and tell whether every expectation held."""

import json
import signal
import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from cli.options import TOPOLOGIES
from cli.outputs import writable, write
from failover.topology import Topology
from rehearsal.form import fitted, read_scenario, with_timings
from rehearsal.page import page_of
from rehearsal.player import play
from rehearsal.report import Judgement, Report
from rehearsal.terminal import Narrator
from topology_document import Infrastructure, load_whole
from twin.playable import require_playable


def drill(
    scenario: Annotated[Path, typer.Argument(help="A scenario, such as drills/region-down.yaml.")],
    topology: Annotated[
        Path | None, typer.Option(help="Play it on this topology and not on the scenario's own.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the report as JSON.")] = None,
    html_file: Annotated[Path | None, typer.Option("--html", help="Write the report as a page.")] = None,
    keep: Annotated[bool, typer.Option(help="Keep the twin's folder: logs of every function and server.")] = False,
) -> None:
    """Play a disaster on the twin; exit code 0 when every expectation held, 1 when one did not."""
    for each in (signal.SIGINT, signal.SIGTERM):  # a shell's background job begins with SIGINT ignored
        signal.signal(each, _interrupted)
    writable("--json", json_file)
    writable("--html", html_file)
    read = read_scenario(scenario)
    product, infrastructure = load_whole(topology or TOPOLOGIES / f"{read.topology}.yaml")
    fitting = fitted(read, product, file=str(scenario))
    require_playable()
    report = _played(fitting, with_timings(product, fitting.timings), infrastructure, keep=keep)
    for file, text in (
        (json_file, json.dumps(report.as_json(), indent=2) if json_file else ""),
        (html_file, page_of(report) if html_file else ""),
    ):
        if file is not None:
            write(file, text)
            Console(stderr=True, highlight=False, soft_wrap=True).print(f"wrote {file}")
    if report.verdict is not Judgement.HELD:
        sys.exit(1)


def _played(scenario: Any, product: Topology, infrastructure: Infrastructure, *, keep: bool) -> Report:
    # The twin brings the whole of emulated AWS with it: other commands need not wait for its import.
    from twin.stage import TwinStage
    from twin.twin import Twin

    narrator = Narrator()
    narrator.open(scenario)
    folder = Path("out/twin") if keep else None
    with Twin(product, infrastructure, told=partial(narrator.console.print, style="dim"), keep=folder) as twin:
        stage = TwinStage(twin, scenario.load)
        try:
            stage.begin()
            report = play(scenario, stage, narrator)
        finally:
            stage.close()
    narrator.close(report)
    return report


def _interrupted(_signal: int, _frame: object) -> None:
    """End as Ctrl-C does: through every ``finally``, so that nothing is left behind."""
    raise KeyboardInterrupt
