"""Many schedules for ``lifeboat simulate``: played, counted, written; what breaks is made short and told."""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli.outputs import write
from cli.stopping import heeding
from failover.topology import Topology, digest

SHRUNK_AT_MOST: Final = 3
"""Violations that are made short at the end; the others are told by their seeds."""

WRITTEN_EVERY_SECONDS: Final = 30.0
"""So much is lost at most when a machine that plays for hours is lost."""

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


def play_campaign(asked: Asked) -> None:
    """Play it, write and tell what came of it; exit code 1 on a violation, 128 and the signal when one ended it."""
    # The simulator brings every step with it: other commands need not wait for their import.
    from simulator.campaign import Campaign, Order, Played, Summary, run
    from simulator.campaign.telling import table

    order = Order(asked.topology, asked.kinds)
    made_of = {"topology": digest(asked.topology), "faults": asked.faults or "all"}
    summary = _resumed(asked.json_file, made_of) if asked.resume else None
    summary = summary or Summary(next_seed=asked.seed, order=made_of)
    campaign = Campaign(order, summary.next_seed, asked.schedules, asked.minutes, asked.jobs)
    written_at = time.monotonic()
    with heeding() as stop, _progress() as progress:
        task = progress.add_task("schedules", total=asked.schedules)

        def told(played: Played) -> None:
            nonlocal written_at
            progress.update(task, advance=1, description=f"schedules, {len(summary.violations)} violations")
            if played.violation is not None:
                what = played.violation
                progress.console.print(
                    f"[red]seed {played.seed}: {what.what} at {what.at:.2f} s:[/] {escape(what.why)}"
                )
            if asked.resume and asked.json_file and time.monotonic() - written_at >= WRITTEN_EVERY_SECONDS:
                _write(asked.json_file, summary)
                written_at = time.monotonic()

        run(campaign, summary, told, stop.asked)
    if asked.json_file is not None:
        _write(asked.json_file, summary)
        err.print(f"wrote {asked.json_file}")
    out.print(table(summary))
    if stop.asked():
        sys.exit(stop.exit_code)
    if not summary.is_clean:
        _shrink(asked, order, summary.violations[:SHRUNK_AT_MOST])
        sys.exit(1)


def _resumed(file: Path | None, made_of: dict[str, str]) -> Any:
    """Return what a file says of schedules that were played before; ``None`` where there is no such file yet."""
    from simulator.campaign import Summary

    if file is None or not file.exists():
        return None
    try:
        summary = Summary.resumed(json.loads(file.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as exc:
        raise typer.BadParameter(
            f"{file} is no file of a campaign ({type(exc).__name__}: {exc}); name one that --json wrote, or a new one",
            param_hint="--resume",
        ) from exc
    if summary.order != made_of:
        raise typer.BadParameter(
            f"{file} is of other schedules ({summary.order}; asked for: {made_of}): name another file, or the same "
            "topology and faults",
            param_hint="--resume",
        )
    return summary


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


def _mutants() -> dict[str, int | None]:
    from simulator.mutants.score import kept_score

    return kept_score()


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=err, transient=True)


def _write(file: Path, summary: Any) -> None:
    write(file, json.dumps({**summary.as_json(), "mutants": _mutants()}, indent=2) + "\n")
