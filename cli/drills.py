"""``lifeboat drills``: play scenarios one after another, each on a twin of its own, and tell how they ended."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.outputs import writable_folder

DRILLS: Final = Path(__file__).resolve().parent.parent / "drills"
LIMIT_SECONDS: Final = 900
STYLES: Final = {"held": "green", "broken": "bold red", "failed": "bold red"}


@dataclass(frozen=True, slots=True)
class Ended:
    """How one drill ended: ``held``, ``broken``, or ``failed`` when there is no report."""

    name: str
    verdict: str
    took_seconds: float
    report: dict[str, Any]

    @property
    def why(self) -> str:
        """What did not hold."""
        amiss = [each["text"] for each in self.report.get("expectations", ()) if not each["held"]]
        return "; ".join(amiss)


def drills(
    names: Annotated[
        list[str] | None, typer.Argument(help="Drills by name, such as region-down; all of drills/ without one.")
    ] = None,
    json_dir: Annotated[
        Path, typer.Option("--json-dir", help="The folder for reports and logs: NAME.json, NAME.html, NAME.log.")
    ] = Path("out/drills"),
) -> None:
    """Play drills one after another; exit code 0 when all held, 1 when one did not."""
    known = {path.stem: path for path in sorted(DRILLS.glob("*.yaml"))}
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: no such drill; there are: {', '.join(known)}")
    writable_folder("--json-dir", json_dir)
    console = Console(soft_wrap=True, highlight=False)
    ended = []
    for name in names or known:
        each = _played(name, known[name], json_dir)
        ended.append(each)
        told = Text(f"{each.took_seconds:6.0f} s  ").append(f"{each.verdict:<7}", style=STYLES[each.verdict])
        console.print(told.append(f" {name}").append(f" — {each.why}" if each.why else "", style="red"))
    console.print(_table(ended))
    if any(each.verdict != "held" for each in ended):
        sys.exit(1)


def _played(name: str, path: Path, folder: Path) -> Ended:
    """Play one in a process of its own: emulated AWS keeps its state in its modules, and none may leak."""
    report = folder / f"{name}.json"
    report.unlink(missing_ok=True)
    command = [sys.argv[0], "drill", str(path), "--json", str(report), "--html", str(folder / f"{name}.html")]
    begun = time.monotonic()
    with (folder / f"{name}.log").open("w", encoding="utf-8") as log:
        try:
            subprocess.run(command, stdout=log, stderr=log, timeout=LIMIT_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            report.unlink(missing_ok=True)
    told = json.loads(report.read_text("utf-8")) if report.exists() else {}
    return Ended(name, told.get("verdict", "failed"), time.monotonic() - begun, told)


def _table(ended: list[Ended]) -> Table:
    table = Table("drill", "verdict", "RTO", "lost", "pause", "proves", title_justify="left")
    held = sum(each.verdict == "held" for each in ended)
    table.title = f"{held} of {len(ended)} drills held"
    for each in ended:
        told = each.report
        lost = told.get("rpo", {}).get("lost")
        table.add_row(
            each.name,
            Text(each.verdict, style=STYLES[each.verdict]),
            _seconds(told.get("rto_seconds")),
            "—" if lost is None else str(lost),
            _seconds(told.get("write_pause_seconds")),
            str(told.get("proves", "")),
        )
    return table


def _seconds(value: float | None) -> str:
    return "—" if value is None else f"{value:.1f} s"
