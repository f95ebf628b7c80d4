"""Starting a state machine by hand, as the console or the AWS CLI would, with the same input."""

import json
import shlex
import sys
import time
from typing import Annotated, Any

import typer

from cli.executions import incident_of, plan_of
from cli.options import QUICKSTART, Document, Reason
from cli.reading import load
from failover.adapters.aws.machines import AwsMachines
from failover.adapters.world import operators_world as world
from failover.procedures.requests import Machine, refuse_strangers
from failover.topology import Names, Topology

Subject = Annotated[str, typer.Argument(help="The region that it is about.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Tell the steps and change nothing.")]
Commands = Annotated[bool, typer.Option("--show-commands", help="Print the AWS CLI's call instead of making it.")]
From = Annotated[str | None, typer.Option("--from", help="The control region to start it in. Default: another one.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask for the region's name again.")]
Databases = Annotated[list[str] | None, typer.Option("--database", help="Only these; default: all of the region's.")]


def failover(
    subject: Subject,
    *,
    reason: Reason,
    to: Annotated[str | None, typer.Option("--to", help="The region that shall write. Default: the best.")] = None,
    database: Databases = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    show_commands: Commands = False,
    start_in: From = None,
    topology: Document = QUICKSTART,
) -> None:
    """Fail a lost region over; with --database only these databases, and their users stay."""
    machine = Machine.DATABASE_FAILOVER if database else Machine.FAILOVER
    request = {"subject": subject, "reason": reason, "target": to, "databases": database, "dry_run": dry_run}
    asks = not (dry_run or yes or show_commands)
    _start(load(topology), machine, request, start_in, show_commands=show_commands, asks=asks)


def switchover(
    subject: Subject,
    *,
    reason: Reason,
    to: Annotated[str, typer.Option("--to", help="The region that shall write.")],
    database: Databases = None,
    evacuate: Annotated[bool, typer.Option(help="Move the subject's users as well.")] = False,
    dry_run: DryRun = False,
    show_commands: Commands = False,
    start_in: From = None,
    topology: Document = QUICKSTART,
) -> None:
    """Move the writer on purpose, with nothing lost; refused where that cannot be promised."""
    request = {
        "subject": subject,
        "reason": reason,
        "target": to,
        "databases": database,
        "evacuate": evacuate,
        "dry_run": dry_run,
    }
    _start(load(topology), Machine.SWITCHOVER, request, start_in, show_commands=show_commands)


def failback(
    subject: Subject,
    *,
    reason: Reason,
    dry_run: DryRun = False,
    show_commands: Commands = False,
    start_in: From = None,
    topology: Document = QUICKSTART,
) -> None:
    """Bring a returned region back behind the writer; making it the writer again is a switchover."""
    request = {"subject": subject, "reason": reason, "dry_run": dry_run}
    _start(load(topology), Machine.FAILBACK, request, start_in, show_commands=show_commands)


def rollback(
    subject: Subject,
    *,
    reason: Reason,
    dry_run: DryRun = False,
    show_commands: Commands = False,
    start_in: From = None,
    topology: Document = QUICKSTART,
) -> None:
    """Undo the region's open incident, whatever it is doing; only before its point of no return."""
    request = {"subject": subject, "reason": reason, "dry_run": dry_run}
    _start(load(topology), Machine.ROLLBACK, request, start_in, show_commands=show_commands)


def _start(
    product: Topology,
    machine: Machine,
    request: dict[str, Any],
    start_in: str | None,
    *,
    show_commands: bool,
    asks: bool = False,
) -> None:
    document = {key: value for key, value in request.items() if value not in (None, False)}
    region = start_in or _elsewhere(product, document)
    if region not in product.control_regions:
        raise typer.BadParameter(
            f"got {region!r}; a control region: {', '.join(product.control_regions)}", param_hint="--from"
        )
    refuse_strangers(machine, document, product, region)
    arn = Names(product).machine_arn(machine, region)
    if show_commands:
        typer.echo(
            f"aws stepfunctions start-execution --region {region} --state-machine-arn {arn} "
            f"--input {shlex.quote(json.dumps(document))}"
        )
        return
    if asks:
        _confirm(str(document["subject"]))
    machines = AwsMachines(product, region)
    execution = machines.start(machine, f"by-hand-{int(time.time() * 1000)}", document)
    typer.echo(f"started {execution}", err=True)
    if document.get("dry_run"):
        typer.echo(json.dumps(plan_of(machines, execution), indent=2))
        return
    incident = incident_of(machines, world(product).store, execution)
    typer.echo(f"it works for incident {incident}; follow it with `lifeboat status`")


def _confirm(subject: str) -> None:
    if not sys.stdin.isatty():
        raise typer.BadParameter("this is no terminal: add --yes to fail over without being asked for the region again")
    if typer.prompt("This may lose writes. Type the region's name to go on") != subject:
        raise typer.BadParameter("that is another name; nothing was started")


def _elsewhere(product: Topology, document: dict[str, Any]) -> str:
    """A control region that is not the subject, the target before any other."""
    others = [each for each in product.control_regions if each != document["subject"]]
    target = document.get("target")
    return str(target) if target in others else (others or list(product.control_regions))[0]
