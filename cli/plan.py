"""``lifeboat plan``: which targets of a topology are in reach, why others are not, and what would reach them."""

import json
import os
import sys
from functools import cache
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from cli.processes import processes
from cli.reading import load_whole
from failover.topology import Automation, Topology
from rehearsal.form import Scenario, fitted, read_scenario, with_timings
from simulator.estimates import Attempt, Estimate, Playing, Spread, Verdict, estimate, verdicts
from simulator.latencies import Latencies

OUT_OF_REACH: Final = 1
TRIED: Final = 15
"""The plays of each change that may help: the longest of so few is over the 95th percentile more often than not."""

PARTS: Final = {
    "detect": "until enough observers agree",
    "decide": "until the incident is opened: the dwell time",
    "fence": "until there is room elsewhere, and the old writer can write no more",
    "promote": "until the new writer is admitted",
    "shift": "until the name points elsewhere for everybody",
    "client_ttl": "until the last clients are served",
}


def plan(
    document: Annotated[Path, typer.Argument(help="A topology, such as topologies/quickstart.yaml.")],
    *,
    scenario: Annotated[
        Path | None, typer.Option(help="The disaster to reckon with; without one the primary region is lost.")
    ] = None,
    plays: Annotated[int, typer.Option(min=1, help="How many plays, each with a seed of its own.")] = 60,
    seed: Annotated[int, typer.Option(help="The first of the seeds.")] = 1,
    jobs: Annotated[int | None, typer.Option(min=1, help="How many plays at once; one for each core.")] = None,
    latencies: Annotated[
        Path | None, typer.Option(help="What takes other times than in docs/latencies.md, in the same form.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
    costs: Annotated[
        bool | None,
        typer.Option(
            help="Whether to say what a month costs by the stacks' templates, beside what the document says; by itself "
            "where it says anything (`costs`)."
        ),
    ] = None,
) -> None:
    """Play a disaster many times in virtual time and judge the targets; exit code 1 when one is out of reach."""
    product, infrastructure = load_whole(document)
    wants_costs = infrastructure.costs is not None if costs is None else costs
    disaster = read_scenario(scenario) if scenario is not None else None
    if disaster is not None:
        fitted(disaster, product, file=str(scenario))
        product = with_timings(product, disaster.timings)
    # The simulator brings simpy with it: other commands need not wait for its import.
    from simulator.estimates.playing import Disaster, Plays

    with Plays(Disaster(Latencies.read(latencies), disaster), processes(jobs or os.cpu_count() or 1, plays)) as playing:
        found, judged = _judged(product, playing, range(seed, seed + plays))
    if as_json:
        targets = {each.target.value: each.as_json() for each in judged}
        told = {"topology": product.name, "seed": seed, **found.as_json(), "targets": targets}
        month = {"costs": _as_json(document)} if wants_costs else {}
        typer.echo(json.dumps({**told, **month}, indent=2))
    else:
        _show(found, judged, disaster)
        if wants_costs:
            _show_costs(document)
    if not all(each.in_reach for each in judged):
        sys.exit(OUT_OF_REACH)


def _judged(product: Topology, playing: Playing, seeds: range) -> tuple[Estimate, list[Verdict]]:
    """Play, and play again what may help; people see on stderr that it goes on."""
    done = 0
    with Console(stderr=True).status("playing …") as status:

        def told() -> None:
            nonlocal done
            done += 1
            status.update(f"{done} plays …")

        @cache
        def estimating(topology: Topology) -> Estimate:
            return estimate(topology, playing, seeds[:TRIED], told)

        found = estimate(product, playing, seeds, told)
        return found, verdicts(found, estimating)


def _show(found: Estimate, judged: list[Verdict], disaster: Scenario | None) -> None:
    console = Console(highlight=False, soft_wrap=True)
    topology = found.topology
    lost = disaster.name if disaster is not None else f"{topology.primary.name} is lost"
    console.print(f"{topology.name}: {lost}; {len(found.runs)} plays in virtual time, in seconds")
    console.print("All of it is modelled, with the times of docs/latencies.md: no better than those, and no promise.")
    if topology.policy.automation is not Automation.AUTOMATIC:
        console.print(f"Automation is {topology.policy.automation}: what people take to answer comes on top.")
    console.print(_targets(judged))
    if found.parts:
        console.print(_parts(found))
    for each in judged:
        if not each.in_reach:
            for line in _missed(each):
                console.print(line, markup=False)


def _show_costs(document: Path) -> None:
    # Stacks bring the CDK with them: a plan without costs need not wait for its import.
    from cli.costing import cost_of
    from costs import show

    with Console(stderr=True).status("reading the templates …"):
        found = cost_of(document)
    show(found, Console(highlight=False, soft_wrap=True))


def _as_json(document: Path) -> dict[str, object]:
    from cli.costing import cost_of
    from costs import as_json

    return as_json(cost_of(document))


def _targets(judged: list[Verdict]) -> Table:
    table = Table("target", "promised", "half of them", "95 %", "longest", "")
    for each in judged:
        word = "in reach" if each.in_reach else "OUT OF REACH"
        table.add_row(each.target.value, f"{each.promised_seconds:g}", *_figures(each.reached), word)
    return table


def _parts(found: Estimate) -> Table:
    table = Table("part of the recovery", "", "half of them", "95 %", "longest")
    for part, spread in found.parts.items():
        table.add_row(part, PARTS[part], *_figures(spread))
    table.add_section()
    if found.own is not None:
        table.add_row("own share", "the control plane's own work, in the parts from decide on", *_figures(found.own))
    if found.bound is not None:
        table.add_row("loss bound", "the loss that could not be ruled out", *_figures(found.bound))
    return table


def _figures(spread: Spread) -> list[str]:
    return [_figure(each) for each in (spread.p50, spread.p95, spread.most)]


def _figure(seconds: float) -> str:
    return f"{seconds:.1f}" if seconds < float("inf") else "never"


def _missed(verdict: Verdict) -> list[str]:
    lines = [f"{verdict.target.value} of {verdict.promised_seconds:g} s is out of reach: {verdict.why}"]
    if verdict.alone:
        lines += ["  any of these reaches it:", *(f"  - {_attempt(each)}" for each in verdict.alone)]
    elif verdict.together is not None and verdict.together.changes:
        reaches = verdict.together.reaches
        lines.append("  all of these together reach it:" if reaches else "  these together come nearest to it:")
        lines.append(f"  - {_attempt(verdict.together)}")
    else:
        lines.append("  nothing that Lifeboat knows of brings it nearer")
    return lines


def _attempt(attempt: Attempt) -> str:
    keys = ", ".join(f"{key}: {value}" for key, value in attempt.keys.items())
    return f"{keys} → {_figure(attempt.seconds)} s at 95 %; the price: {'; '.join(attempt.prices)}"
