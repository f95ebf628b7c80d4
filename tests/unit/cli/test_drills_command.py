"""``lifeboat drills``: one line for each drill, a table at the end, exit code 1 when one did not hold."""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cli.drills
from cli.main import app
from stacks import cdk_command
from twin.errors import TwinError
from twin.twin import Twin

VERDICTS = {"blip": "held", "guard-dies": "broken", "lagging-replica": None}


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in for ``lifeboat drill``: it writes the report that the test wants, or none."""
    program = tmp_path / "lifeboat"
    script = f"""\
        #!{sys.executable}
        import json, pathlib, sys
        _, drill, scenario, _, report, *_ = sys.argv
        assert drill == "drill"
        verdict = {VERDICTS!r}[pathlib.Path(scenario).stem]
        print("played", scenario)
        if verdict:
            missed = {{"text": "by 9 s: expect served yes", "held": verdict == "held"}}
            told = {{"verdict": verdict, "expectations": [missed], "rpo": {{"lost": 0}}, "proves": "it"}}
            pathlib.Path(report).write_text(json.dumps(told))
        sys.exit(verdict != "held")
    """
    program.write_text(textwrap.dedent(script))
    program.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(program)])
    return program


def test_drills_that_hold_end_well(command: Path, tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["drills", "blip", "--json-dir", str(tmp_path / "out")])
    assert told.exit_code == 0, told.output
    assert "1 of 1 drills held" in told.output
    assert json.loads((tmp_path / "out" / "blip.json").read_text("utf-8"))["verdict"] == "held"
    assert "played" in (tmp_path / "out" / "blip.log").read_text("utf-8")


def test_one_that_breaks_or_ends_without_a_report_is_told_and_the_others_are_played(
    command: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "lagging-replica.json").write_text('{"verdict": "held"}')  # of an earlier day
    told = CliRunner().invoke(app, ["drills", *reversed(VERDICTS), "--json-dir", str(tmp_path / "out")])
    assert told.exit_code == 1
    lines = [line for line in told.output.splitlines() if " s  " in line]
    assert [line.split()[2] for line in lines] == ["failed", "broken", "held"]
    assert "guard-dies — by 9 s: expect served yes" in told.output
    assert "1 of 3 drills held" in told.output


def test_a_name_that_is_none_is_refused_before_anything_is_played(command: Path, tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["drills", "blip", "blap", "--json-dir", str(tmp_path / "out")])
    assert told.exit_code == 2
    assert "blap: no such drill" in told.output.replace("\n", " ")
    assert not (tmp_path / "out").exists()


@pytest.fixture
def no_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    def begun(_self: Twin) -> None:
        raise AssertionError("a twin was begun")

    monkeypatch.setattr(Twin, "_lay_ground", begun)


BLIP = str(cli.drills.DRILLS / "blip.yaml")


@pytest.mark.parametrize("words", [("drill", BLIP), ("twin", "up")])
def test_a_clone_without_node_modules_is_told_so_before_a_twin_is_begun(
    no_twin: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: tuple[str, ...]
) -> None:
    monkeypatch.setattr(cdk_command, "CLI", tmp_path / "cdk")
    told = CliRunner().invoke(app, [*words])
    assert isinstance(told.exception, TwinError)
    assert str(told.exception).startswith("node_modules is missing")
    assert "`make setup`" in str(told.exception)
