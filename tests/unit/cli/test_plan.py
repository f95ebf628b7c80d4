"""``lifeboat plan`` tells people and programs the same, and its exit code tells CI."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from failover.topology import Topology
from simulator.estimates import Run
from simulator.estimates.playing import Plays
from tests.unit.simulator.estimates import reckoned

TOPOLOGIES = Path(__file__).parents[3] / "topologies"


@pytest.fixture(autouse=True)
def _reckoned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every play be reckoned from the topology, so that no world is simulated here."""

    def playing(_plays: Plays, topology: Topology, seeds: Sequence[int]) -> Iterator[Run]:
        return (reckoned.run(topology, seed) for seed in seeds)

    monkeypatch.setattr(Plays, "__call__", playing)


def planned(*words: str) -> Result:
    return CliRunner().invoke(app, ["plan", *words])


def promising(tmp_path: Path, rto: int) -> str:
    text = (TOPOLOGIES / "quickstart.yaml").read_text("utf-8").replace("rto_seconds: 120", f"rto_seconds: {rto}")
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    return str(tmp_path / "mine.yaml")


def test_a_target_out_of_reach_is_told_with_its_reason_and_its_cure_and_fails(tmp_path: Path) -> None:
    result = planned(promising(tmp_path, 120), "--plays", "100")
    assert result.exit_code == 1
    assert "recovery of 120 s is out of reach: the longest part is promote: 180.0 s" in result.stdout
    assert "databases.orders.engine: aurora-postgres" in result.stdout
    assert "a migration" in result.stdout
    assert "modelled" in result.stdout


def test_all_in_reach_is_told_and_succeeds(tmp_path: Path) -> None:
    result = planned(promising(tmp_path, 300), "--plays", "100")
    assert result.exit_code == 0
    assert result.stdout.count("in reach") == 3
    assert "out of reach" not in result.stdout.lower()


def test_programs_read_the_same(tmp_path: Path) -> None:
    result = planned(promising(tmp_path, 120), "--plays", "100", "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert (told["topology"], told["plays"], told["seed"]) == ("quickstart", 100, 1)
    assert told["parts"]["promote"]["p95"] == 180.0
    recovery = told["targets"]["recovery"]
    assert (recovery["in_reach"], recovery["promised_seconds"]) == (False, 120.0)
    assert recovery["any_of"][0]["keys"] == {"databases.orders.engine": "aurora-postgres"} | {
        key: value for key, value in recovery["any_of"][0]["keys"].items() if key.endswith("instance_class")
    }
    assert told["targets"]["detection"]["in_reach"] is True


def test_a_topology_with_mistakes_is_refused_with_their_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from cli.main import run

    text = (TOPOLOGIES / "quickstart.yaml").read_text("utf-8").split("targets:")[0]
    (tmp_path / "aimless.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["lifeboat", "plan", str(tmp_path / "aimless.yaml")])
    with pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == 2
    assert "targets" in capsys.readouterr().err


def test_wrong_latencies_are_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from cli.main import run

    (tmp_path / "mine.yaml").write_text("lambda.cold: {unit: ms, fixed: 3}", encoding="utf-8")
    document = str(TOPOLOGIES / "quickstart.yaml")
    monkeypatch.setattr(sys, "argv", ["lifeboat", "plan", document, "--latencies", str(tmp_path / "mine.yaml")])
    with pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == 2
    assert "lambda.cold: got 'lambda.cold'" in capsys.readouterr().err
