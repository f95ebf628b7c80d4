"""A machine that is started by hand is told by what became of it, and what it could not take is refused here."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cli.executions
import cli.start
from cli.main import run
from failover.adapters.aws.machines import Ended
from failover.errors import LifeboatError, StoreUnreachableError
from failover.procedures.opening import begin
from failover.procedures.requests import Machine
from failover.topology import Topology
from tests.products import EU, US
from tests.worlds import World

QUICKSTART = str(Path(__file__).parents[3] / "topologies" / "quickstart.yaml")
Lifeboat = Callable[..., tuple[int, str]]


class Steps:
    """State machines that take their first step, and no other, in the moment in which somebody looks."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.asked: list[tuple[str, Any]] = []
        self.silent = 0
        self.hangs = False

    def at(self, _topology: Topology, region: str) -> "Steps":
        self.region = region
        return self

    def start(self, machine: str, name: str, document: Any) -> str:
        self.asked.append((machine, document))
        return f"arn:{name}"

    def ended(self, execution: str) -> Ended | None:
        if self.silent:
            self.silent -= 1
            raise StoreUnreachableError("no answer")
        if self.hangs:
            return None
        machine, document = self.asked[-1]
        try:
            begun = begin(self.world.ports(self.region), self.world.topology, document, execution, Machine(machine))
        except LifeboatError as exc:
            told = {"errorMessage": str(exc), "errorType": type(exc).__name__, "stackTrace": ["File …"]}
            return Ended({}, type(exc).__name__, json.dumps(told))
        return Ended(begun) if "plan" in begun else None


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Steps:
    world = World()
    steps = Steps(world)
    monkeypatch.setattr(cli.start, "AwsMachines", steps.at)
    monkeypatch.setattr(cli.start, "world", lambda _: world.ports(EU))
    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.setattr(cli.executions, "BEGIN_SECONDS", 0.2)
    return steps


@pytest.fixture
def lifeboat(steps: Steps, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Lifeboat:
    monkeypatch.setenv("COLUMNS", "500")

    def told(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["lifeboat", *words, "--reason", "x", "--topology", QUICKSTART])
        with pytest.raises(SystemExit) as ended:
            run()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    return told


def test_what_begins_is_told_with_its_incident(lifeboat: Lifeboat, steps: Steps) -> None:
    code, text = lifeboat("failover", US, "--yes")
    incident = steps.world.store.control().incident
    assert incident is not None
    assert (code, f"it works for incident {incident.id}; follow it with `lifeboat status`" in text) == (0, True)


def test_what_is_refused_when_it_begins_fails_with_the_steps_own_words(lifeboat: Lifeboat, steps: Steps) -> None:
    steps.world.pause()
    code, text = lifeboat("failover", US, "--yes")
    assert code == 1
    assert text.splitlines()[-1].startswith("IncidentRefusedError: the control plane is paused until ")
    assert "stackTrace" not in text
    assert "follow it" not in text


def test_a_dry_run_that_is_refused_fails_in_words_too(lifeboat: Lifeboat, steps: Steps) -> None:
    code, text = lifeboat("failover", "eu-west-1", "--database", "orders", "--dry-run")
    assert code == 1
    assert text.splitlines()[-1].startswith("RequestInvalidError: databases: orders: not a database that eu-west-1")


def test_a_dry_run_prints_its_plan(lifeboat: Lifeboat, steps: Steps) -> None:
    code, text = lifeboat("failover", US, "--dry-run")
    assert code == 0
    assert "steps" in json.loads(text.partition("{")[1] + text.partition("{")[2].rpartition("}")[0] + "}")


def test_one_that_does_not_begin_is_told_by_its_name(lifeboat: Lifeboat, steps: Steps) -> None:
    steps.hangs = True
    code, text = lifeboat("rollback", US)
    assert code == 1
    assert "arn:by-hand-" in text.splitlines()[-1]
    assert "has not begun within" in text


def test_a_look_without_an_answer_is_repeated(lifeboat: Lifeboat, steps: Steps) -> None:
    steps.silent = 2
    code, text = lifeboat("failover", US, "--yes")
    assert (code, "it works for incident" in text) == (0, True)


REGIONS = "us-east-1, eu-west-1, ap-southeast-1"


@pytest.mark.parametrize("more", [("--show-commands",), ()], ids=["shown", "started"])
@pytest.mark.parametrize(
    ("words", "fragment"),
    [
        (("failover", "mars"), f"subject: got 'mars'; name a region of quickstart, one of: {REGIONS}"),
        (("failback", "mars"), f"subject: got 'mars'; name a region of quickstart, one of: {REGIONS}"),
        (("failover", US, "--to", "mars"), f"target: got 'mars'; name a region of quickstart, one of: {REGIONS}"),
        (("switchover", US, "--to", US), "which is the subject"),
        (("failover", US, "--database", "invoices"), "databases: got ['invoices']; a list of some of: orders"),
        (("failover", US, "--from", US), "start it in another control region (eu-west-1, "),
        (("failover", US, "--from", "mars"), "got 'mars'; a control region: "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_the_topology_does_not_have_is_refused_before_anything_is_asked(
    lifeboat: Lifeboat, steps: Steps, words: tuple[str, ...], fragment: str, more: tuple[str, ...]
) -> None:
    code, text = lifeboat(*words, *more)
    assert code == 2, text
    assert fragment in text
    assert steps.asked == []
