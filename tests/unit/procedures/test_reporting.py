"""What is told of an incident afterwards, and that nothing of another one is told with it."""

import json

import pytest
from typer.testing import CliRunner

import cli.report as command
from cli.main import app
from failover.errors import RequestInvalidError
from failover.procedures.reporting import report_of
from failover.procedures.requests import Machine
from tests.products import AP, US
from tests.worlds import World


@pytest.fixture(scope="module")
def world() -> World:
    """A region was lost with seven changes that nobody has, and has come back."""
    world = World()
    world.run(12)
    world.copies["orders", US].position += 700
    world.kill(US)
    world.run(120)
    world.revive(US)
    world.run(60)
    assert world.execute(Machine.FAILBACK, {"subject": US, "reason": "back"}, "back", AP) == "SUCCEEDED"
    return world


def incidents(world: World) -> list[str]:
    return [str(entry.incident) for entry in world.store.journal() if entry.kind == "INCIDENT_OPENED"]


def test_a_failover_is_told_with_the_tail_that_its_return_kept(world: World) -> None:
    lost, returned = incidents(world)
    told = report_of(world.store.journal(), lost)
    assert (told.subject, told.outcome, told.rule) == (US, "FAILED_OVER", "R330")
    assert [each.what for each in told.moments][-2:] == ["new writer admitted", "ended"]
    assert all(one.seconds <= other.seconds for one, other in zip(told.moments[1:], told.moments[2:], strict=False))
    assert set(told.loss_bounds) == {"orders"}
    (tail,) = told.tails
    assert (tail.rows, tail.transactions, tail.complete, tail.region) == (7, 7, True, US)
    assert tail.file.endswith(".jsonl")
    assert {entry.incident for entry in told.journal} == {lost}
    assert report_of(world.store.journal(), returned).tails == (tail,)


def test_without_a_name_it_is_the_newest(world: World) -> None:
    assert report_of(world.store.journal(), None).incident == incidents(world)[-1]


def test_one_that_never_was_is_refused_with_those_that_were(world: World) -> None:
    with pytest.raises(RequestInvalidError, match=f"got 'x'; the newest of the journal are: {incidents(world)[0]}"):
        report_of(world.store.journal(), "x")
    with pytest.raises(RequestInvalidError, match="none yet"):
        report_of((), None)


@pytest.mark.parametrize("form", ["table", "json"])
def test_the_command_names_the_file_and_counts_it(world: World, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "world", lambda _topology: world.ports(AP))
    answer = CliRunner().invoke(app, ["report", incidents(world)[0], "-o", form])
    assert answer.exit_code == 0, answer.output
    (tail,) = report_of(world.store.journal(), incidents(world)[0]).tails
    assert tail.file in answer.output
    if form == "json":
        assert json.loads(answer.stdout)["tails"][0]["rows"] == 7
    else:
        assert "7 rows (7 transactions) that only us-east-1 had" in answer.output
