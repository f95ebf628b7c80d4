"""``lifeboat deploy`` and ``lifeboat override``: changes of what is deployed, read before they are made."""

import getpass
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from cli.deployment.assembly import Stack, chosen, stacks_of
from cli.deployment.change_sets import DeploymentFailedError
from cli.deployment.deploying import Deployer, Plan
from cli.deployment.table import rows_of, table_of
from cli.options import QUICKSTART, Document, Reason
from cli.reading import EnvironmentOption, also_asked_for, load
from cli.times import duration, said
from failover.adapters.world import operators_world as world
from failover.errors import DeploymentRefusedError
from failover.procedures.deploy_guard import override as say_override
from failover.topology import Topology
from stacks.cdk_command import CdkError, run_cdk, synth
from topology_document.infrastructure.environment import Environment

CHANGES_PRESENT: Final = 10
SYNTH_SECONDS: Final = 300.0


def deploy(
    stacks: Annotated[list[str] | None, typer.Argument(help="Stacks, by name; all of them without any.")] = None,
    *,
    topology: Document = QUICKSTART,
    environment: EnvironmentOption = None,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit code 10 if there are changes.")] = False,
    first: Annotated[bool, typer.Option("--first", help="The first deployment: primary first, no store yet.")] = False,
    app: Annotated[Path | None, typer.Option(help="An assembly that `cdk synth` wrote; do not write another.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The changes as JSON, one a line.")] = False,
) -> None:
    """Prepare change sets, show them, refuse what takes away or turns data, and execute the rest, standby first."""
    there = also_asked_for(environment)
    product = load(topology)
    with tempfile.TemporaryDirectory(prefix="lifeboat-deploy-") as folder:
        assembly = app or _synthesised(topology, Path(folder) / "cdk.out", there)
        known = stacks_of(assembly)
        wanted = chosen(known, stacks or ())
        name = f"lifeboat-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        deployer = Deployer(world(product), product, assembly, known, name, first=first, told=_told)
        _deploy(deployer, wanted, check=check, as_json=as_json)


def override(
    resource: Annotated[str, typer.Argument(help="A stack, or one resource of it as STACK/LogicalId.")],
    reason: Reason,
    lasts: Annotated[str, typer.Option("--for", help="For how long: 30m, 2h, or minutes; a day at most.")] = "30m",
    topology: Document = QUICKSTART,
) -> None:
    """Let deployments do to one stack or resource what they may not do; it expires by itself."""
    product: Topology = load(topology)
    word = say_override(world(product), product, resource, getpass.getuser(), reason, lasts=duration(lasts))
    typer.echo(f"overridden until {said(word.until)}: {resource}")


def _deploy(deployer: Deployer, wanted: list[Stack], *, check: bool, as_json: bool) -> None:
    deployer.permit(wanted)
    sets, plan = deployer.prepare(wanted, check=check)
    try:
        _show({name: changes for name, changes in plan.items() if changes}, as_json=as_json)
        try:
            deployer.permit(wanted, plan)
        except DeploymentRefusedError as exc:
            raise DeploymentRefusedError(f"refused, and nothing was changed:\n{exc}") from exc
        if check:
            raise typer.Exit(CHANGES_PRESENT if any(plan.values()) else 0)
        done = deployer.execute(wanted, sets, plan)
        _told(f"deployed {len(done)} stacks" if done else "nothing to deploy")
    finally:
        deployer.discard(sets)


def _show(plan: Plan, *, as_json: bool) -> None:
    if as_json:
        for row in rows_of(plan):
            typer.echo(json.dumps(row))
    elif plan:
        Console(highlight=False).print(table_of(plan))
    else:
        _told("no changes")


def _synthesised(document: Path, assembly: Path, environment: Environment | None) -> Path:
    try:
        run_cdk(synth(document.resolve(), assembly, environment), limit_seconds=SYNTH_SECONDS)
    except CdkError as exc:
        raise DeploymentFailedError(str(exc)) from exc
    return assembly


def _told(text: str) -> None:
    typer.echo(text, err=True)
