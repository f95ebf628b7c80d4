"""``lifeboat simulate``: the same machines and steps in virtual time, under faults that nobody would think of."""

import json
import math
import os
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from cli.campaign import Asked, play_campaign
from cli.options import QUICKSTART, TOPOLOGIES
from cli.outputs import writable, write
from cli.processes import processes
from failover.topology import Topology
from rehearsal.form import FAULTS, OPERATIONS, fitted, read_scenario
from topology_document import load, load_whole

SCHEDULES: Final = 1000
out = Console(highlight=False, soft_wrap=True)


def _ends(minutes: float | None) -> float | None:
    if minutes is not None and not 0 < minutes < math.inf:
        raise typer.BadParameter(f"got {minutes:g}; more than 0, and not without an end")
    return minutes


def simulate(  # noqa: PLR0917 - each is an option of the command
    topology: Annotated[Path | None, typer.Option(help="A topology's file, or its name in topologies/.")] = None,
    schedules: Annotated[
        int | None, typer.Option(min=1, help="How many schedules; 1,000 where no minutes are said.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The first seed (0), or that of a scenario.")] = None,
    faults: Annotated[str | None, typer.Option(help="Only these kinds of faults and operations, by commas.")] = None,
    minutes: Annotated[float | None, typer.Option(callback=_ends, help="Stop after so many minutes.")] = None,
    jobs: Annotated[int, typer.Option(help="Processes.", min=1)] = 1,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write what came of it as JSON.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on where the JSON file ends, and write it again and again.")] = False,
    scenario: Annotated[
        Path | None, typer.Option(help="Play this scenario, such as a drill, and nothing else.")
    ] = None,
    html_file: Annotated[Path | None, typer.Option("--html", help="Write a scenario's report as a page.")] = None,
    timeline: Annotated[bool, typer.Option(help="Play one seed, and tell what happened, line by line.")] = False,
) -> None:
    """Play schedules in virtual time and check every invariant after every event; exit code 1 on a violation.

    Each seed is one schedule, the same one on every machine. A violation is told with its seed, with the shortest
    schedule that still violates the same, and with the command that replays it.
    """
    os.environ.setdefault("POWERTOOLS_TRACE_DISABLED", "true")
    writable("--json", json_file)
    writable("--html", html_file)
    if scenario is not None:
        _play_scenario(scenario, topology, seed or 0, json_file, html_file)
        return
    if html_file is not None:
        raise typer.BadParameter("--html goes with --scenario: a campaign has no one timeline", param_hint="--html")
    if resume and json_file is None:
        raise typer.BadParameter("--resume goes on with a file; say which with --json FILE", param_hint="--resume")
    product, kinds = _product(topology), _kinds(faults)
    if timeline:
        _tell_timeline(product, seed or 0, kinds)
        return
    wanted = schedules if schedules is not None or minutes is not None else SCHEDULES
    place = str(topology or "quickstart")
    jobs = processes(jobs, wanted)
    play_campaign(Asked(product, place, kinds, faults, wanted, seed or 0, minutes, jobs, json_file, resume))


def _tell_timeline(product: Topology, seed: int, kinds: frozenset[Any] | None) -> None:
    from simulator.campaign import Order
    from simulator.campaign.playing import play
    from simulator.campaign.telling import lines
    from simulator.schedules import draw

    drawn = draw(product, seed, kinds)
    outcome, _ = play(Order(product, kinds), drawn, str(seed))
    for line in lines(drawn, outcome):
        out.print(line, markup=False)
    if outcome.violation is not None:
        sys.exit(1)


def _play_scenario(
    file: Path, topology: Path | None, seed: int, json_file: Path | None, html_file: Path | None
) -> None:
    from rehearsal.page import page_of
    from rehearsal.player import play
    from rehearsal.report import Judgement
    from rehearsal.terminal import Narrator
    from simulator.latencies import COMPRESSED, Latencies
    from simulator.stage import SimulatedStage

    read = read_scenario(file)
    product, infrastructure = load_whole(_file(topology or Path(read.topology)))
    fitting = fitted(read, product, file=str(file))
    narrator = Narrator()
    narrator.open(fitting)
    stage = SimulatedStage(product, fitting, seed, Latencies.read(COMPRESSED), notices=infrastructure.notices)
    stage.begin()
    report = play(fitting, stage, narrator)
    narrator.close(report)
    if json_file is not None:
        write(json_file, json.dumps(report.as_json(), indent=2) + "\n")
    if html_file is not None:
        write(html_file, page_of(report))
    if report.verdict is not Judgement.HELD:
        sys.exit(1)


def _product(topology: Path | None) -> Topology:
    if topology is None:
        return load(QUICKSTART)
    return load(_file(topology))


def _file(topology: Path) -> Path:
    return topology if topology.suffix else TOPOLOGIES / f"{topology}.yaml"


def _kinds(faults: str | None) -> frozenset[Any] | None:
    if faults is None:
        return None
    known = {str(each.value): each for each in (*FAULTS, *OPERATIONS)}
    asked = [each.strip() for each in faults.split(",") if each.strip()]
    unknown = [each for each in asked if each not in known]
    if not asked:
        raise typer.BadParameter(f"got no kind; there are: {', '.join(sorted(known))}", param_hint="--faults")
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: no such kind; there are: {', '.join(sorted(known))}")
    return frozenset(known[each] for each in asked)
