"""``lifeboat rollout``: bring a version to the users, region by region, or take it back."""

import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Final

import boto3
import typer

from cli.options import QUICKSTART, Document
from cli.rollout.entrances import Stage
from cli.rollout.rolling import Outcome, Rollout, StageFailedError
from failover.adapters.world import operators_world
from failover.errors import RequestInvalidError
from topology_document import Infrastructure, load_whole
from topology_document.infrastructure.environment import Environment
from topology_document.infrastructure.rollout import RolloutSection

COMMAND_SECONDS: Final = 1800
EXIT_CODES: Final = {Outcome.DONE: 0, Outcome.TAKEN_BACK: 1, Outcome.STOPPED: 1}


def rollout(
    version: Annotated[str, typer.Argument(help="The version, a word of your own.")],
    *,
    topology: Document = QUICKSTART,
    put: Annotated[
        str | None,
        typer.Option(
            help="The command that brings the version's pods to a stage; {environment}, {region}, {colour} stand for "
            "the stage's own. It may be run again."
        ),
    ] = None,
    already_put: Annotated[
        bool, typer.Option("--already-put", help="The version's pods are in every stage's idle colour: only turn.")
    ] = False,
    test: Annotated[str, typer.Option(help="The command that tries it there, in the same words.")] = "true",
    back: Annotated[bool, typer.Option("--back", help="Take the version back wherever it is live.")] = False,
    staging_profile: Annotated[str | None, typer.Option(help="The AWS profile of an account for staging.")] = None,
) -> None:
    """Bring a version of the services to the users, region by region; what breaks in one is taken back in all."""
    if not back and (put is None) is not already_put:
        raise typer.BadParameter(
            "say one of the two: --put COMMAND brings the version's pods to a stage, --already-put that they are there"
        )
    putting, trying = _command("--put", put or "true"), _command("--test", test)
    # What asks load balancers brings a session of AWS with it: other commands need not wait for its import.
    from cli.rollout.aws import AwsEntrances, StoreOthers

    whole, infrastructure = load_whole(topology)
    limits = _limits(infrastructure, topology)
    products, stages = {Environment.PRODUCTION.value: whole}, stages_of(limits)
    if limits.staging_first:
        staged, there = load_whole(topology, Environment.STAGING)
        products[Environment.STAGING.value] = staged
        stages = stages_of(limits, _limits(there, f"{topology} in staging").order)

    def session(environment: str) -> boto3.Session:
        return boto3.Session(profile_name=staging_profile if environment == Environment.STAGING else None)

    rolling = Rollout(
        limits,
        version,
        AwsEntrances(products, session),
        StoreOthers(operators_world(whole)),
        put=putting,
        test=lambda stage: trying(stage, ""),
        now=time.monotonic,
        sleep=time.sleep,
        told=lambda text: typer.echo(text, err=True),
    )
    if back:
        sys.exit(1 if rolling.take_back(stages) else 0)
    sys.exit(EXIT_CODES[rolling.run(stages)])


def stages_of(limits: RolloutSection, staging: Sequence[str] = ()) -> list[Stage]:
    """Return the stages in their order: the regions of staging, the canary, and the other regions."""
    watch, canary = 60 * limits.watch_minutes, 60 * limits.canary_minutes
    tried = [Stage(Environment.STAGING.value, region, watch) for region in staging]
    regions = [
        Stage(Environment.PRODUCTION.value, region, watch if at else canary) for at, region in enumerate(limits.order)
    ]
    return [*tried, *regions]


def _limits(infrastructure: Infrastructure, document: Path | str) -> RolloutSection:
    if infrastructure.rollout is None:
        raise RequestInvalidError(f"{document}: says nothing of rollouts; add rollout: {{order: […]}}")
    return infrastructure.rollout


def _command(option: str, words: str) -> Callable[[Stage, str], None]:
    def asked(stage: Stage, colour: str) -> list[str]:
        return shlex.split(words.format(environment=stage.environment, region=stage.region, colour=colour))

    try:
        if not asked(Stage("production", "a-region", 0), "blue"):
            raise ValueError("it is empty")
    except (ValueError, LookupError, AttributeError) as exc:
        allowed = "a command in which {environment}, {region} and {colour} stand for the stage's own"
        raise typer.BadParameter(f"got {words!r} ({exc}); {allowed}", param_hint=option) from exc

    def run(stage: Stage, colour: str) -> None:
        told = asked(stage, colour)
        try:
            done = subprocess.run(told, check=False, timeout=COMMAND_SECONDS)
        except (OSError, subprocess.TimeoutExpired) as exc:
            raise StageFailedError(f"{stage}: {shlex.join(told)}: {exc}") from exc
        if done.returncode != 0:
            raise StageFailedError(f"{stage}: {shlex.join(told)}: exit code {done.returncode}")

    return run
