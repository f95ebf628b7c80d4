"""``lifeboat simulate``: the same machines and steps in virtual time, under faults that nobody would think of."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli.options import QUICKSTART, TOPOLOGIES
from failover.topology import Topology, digest
from rehearsal.form import FAULTS, OPERATIONS, fitted, read_scenario
from topology_document import load, load_whole

SCHEDULES: Final = 1000
SHRUNK_AT_MOST: Final = 3
"""Violations that are made short at the end; the others are told by their seeds."""

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """A campaign, as it was asked for; ``place`` is where its topology was found, as a scenario says it."""

    topology: Topology
    place: str
    kinds: frozenset[Any] | None
    faults: str | None
    schedules: int | None
    seed: int
    minutes: float | None
    jobs: int
    json_file: Path | None
    resume: bool


def simulate(  # noqa: PLR0917 - each is an option of the command
    topology: Annotated[Path | None, typer.Option(help="A topology's file, or its name in topologies/.")] = None,
    schedules: Annotated[int | None, typer.Option(help="How many schedules; 1,000 where no minutes are said.")] = None,
    seed: Annotated[int | None, typer.Option(help="The first seed (0), or that of a scenario.")] = None,
    faults: Annotated[str | None, typer.Option(help="Only these kinds of faults and operations, by commas.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Stop after so many minutes.")] = None,
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
    _campaign(Asked(product, place, kinds, faults, wanted, seed or 0, minutes, jobs, json_file, resume))


def _campaign(asked: Asked) -> None:
    # The simulator brings every step with it: other commands need not wait for their import.
    from simulator.campaign import Campaign, Order, Played, Summary, run
    from simulator.campaign.telling import table

    json_file, resume = asked.json_file, asked.resume
    order, wanted = Order(asked.topology, asked.kinds), asked.schedules
    made_of = {"topology": digest(asked.topology), "faults": asked.faults or "all"}
    summary = Summary(next_seed=asked.seed, order=made_of)
    if resume and json_file is not None and json_file.exists():
        summary = Summary.resumed(json.loads(json_file.read_text("utf-8")))
        if summary.order != made_of:
            raise typer.BadParameter(
                f"{json_file} is of other schedules ({summary.order}; asked for: {made_of}): name another file, or the "
                "same topology and faults",
                param_hint="--resume",
            )
    campaign = Campaign(order, summary.next_seed, wanted, asked.minutes, asked.jobs)
    with _progress() as progress:
        task = progress.add_task("schedules", total=wanted)

        def told(played: Played) -> None:
            progress.update(task, advance=1, description=f"schedules, {len(summary.violations)} violations")
            if played.violation is not None:
                what = played.violation
                progress.console.print(
                    f"[red]seed {played.seed}: {what.what} at {what.at:.2f} s:[/] {escape(what.why)}"
                )
            if resume and json_file is not None and summary.schedules % 1000 == 0:
                _write(json_file, summary.as_json())

        run(campaign, summary, told)
    if json_file is not None:
        _write(json_file, {**summary.as_json(), "mutants": _mutants()})
        err.print(f"wrote {json_file}")
    out.print(table(summary))
    if not summary.is_clean:
        _shrink(asked, order, summary.violations[:SHRUNK_AT_MOST])
        sys.exit(1)


def _shrink(asked: Asked, order: Any, violations: Sequence[dict[str, Any]]) -> None:
    from rehearsal.form import written
    from simulator.campaign.shortening import shortened
    from simulator.replaying import replayable
    from simulator.schedule import Violation

    for each in violations:
        found = shortened(order, each["seed"], Violation(each["what"], each["why"], each["at"]))
        folder = Path("out/simulate")
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"seed-{found.seed}.yaml"
        shortest = found.shortest.model_copy(update={"topology": asked.place})
        file.write_text(written(replayable(shortest, found.ends)), "utf-8")
        out.print(f"\n[bold red]seed {found.seed}: {found.violation.what}[/] {escape(found.violation.why)}")
        out.print(f"the shortest schedule that still does so, of {len(found.drawn.steps)} steps:\n")
        out.print(written(shortest), markup=False)
        out.print(f"replay it:        lifeboat simulate --scenario {file} --seed {found.seed}")
        out.print(f"the whole of it:  lifeboat simulate --seed {found.seed} --timeline{_options(asked)}")


def _options(asked: Asked) -> str:
    """Return the options without which a seed is another schedule."""
    topology = f" --topology {asked.place}" if asked.place != "quickstart" else ""
    return topology + (f" --faults {asked.faults}" if asked.faults is not None else "")


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
        _write(json_file, report.as_json())
    if html_file is not None:
        html_file.parent.mkdir(parents=True, exist_ok=True)
        html_file.write_text(page_of(report), "utf-8")
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
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: no such kind; there are: {', '.join(sorted(known))}")
    return frozenset(known[each] for each in asked)


def _mutants() -> dict[str, int]:
    from simulator.mutants.score import kept_score

    return kept_score()


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=err, transient=True)


def _write(file: Path, document: dict[str, Any]) -> None:
    """Write the whole file or none of it: whoever is ended in the midst can go on."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".part")
    unfinished.write_text(json.dumps(document, indent=2) + "\n", "utf-8")
    unfinished.replace(file)
