"""``lifeboat simulate``: mistakes in words, a campaign with its file, one seed line by line, one scenario."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cli.campaign
import cli.simulate
from cli.main import run
from rehearsal.form import read_scenario
from simulator.campaign import shortening
from tests.unit.simulator.campaign.planted import WHY, plant

ROOT = Path(__file__).parents[3]
DRILL = ROOT / "drills" / "blip.yaml"
Lifeboat = Callable[..., tuple[int, str]]


@pytest.fixture
def lifeboat(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Lifeboat:
    """Runs the command in an empty folder; returns its exit code and all that it says."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")

    def told(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["lifeboat", "simulate", *arguments])
        with pytest.raises(SystemExit) as ended:
            run()
        said = capsys.readouterr()
        code = ended.value.code
        return (code if isinstance(code, int) else int(code is not None)), said.out + said.err

    return told


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (("--faults", "flood,region_down"), "flood: no such kind; there are: abort, acknowledge, answers"),
        (("--faults", ","), "got no kind; there are: abort, acknowledge"),
        (("--html", "page.html"), "--html goes with --scenario"),
        (("--resume",), "say which with --json FILE"),
        (("--jobs", "0"), "greater than or equal to 1"),
        (("--schedules", "-3"), "greater than or equal to 1"),
        (("--minutes", "nan"), "got nan; more than 0"),
        (("--minutes", "inf"), "got inf; more than 0"),
        (("--minutes", "-1"), "got -1; more than 0"),
        (("--json", "/proc/nope/it.json"), "/proc/nope: No such file or directory"),
        (("--json", "."), ". is a folder; name a file in it"),
        (("--scenario", str(DRILL), "--html", "/proc/nope/it.html"), "/proc/nope: No such file or directory"),
        (("--topology", "nowhere"), "nowhere.yaml: got no file of this name"),
        (("--topology", "nowhere.yaml"), "nowhere.yaml: got no file of this name"),
        (("--scenario", "nowhere.yaml"), "nowhere.yaml"),
        (("--scenario", str(ROOT / "topologies" / "quickstart.yaml")), "unknown key"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_mistake_is_told_in_words(lifeboat: Lifeboat, arguments: tuple[str, ...], fragment: str) -> None:
    code, text = lifeboat(*arguments)
    assert code == 2, text
    assert fragment in text
    assert "Traceback" not in text


def test_a_campaign_is_told_in_a_table_and_written_as_json(lifeboat: Lifeboat) -> None:
    code, text = lifeboat("--schedules", "2", "--seed", "3", "--faults", "clock_skew", "--json", "told/it.json")
    assert code == 0, text
    told = json.loads(Path("told/it.json").read_text("utf-8"))
    assert {"schedules", "violations", "stuck", "mutants"} <= set(told)
    assert (told["schedules"], told["next_seed"], told["violations"], told["stuck"]) == (2, 5, 0, 0)
    assert set(told["mutants"]) == {"planted", "killed"}
    assert told["mutants"]["planted"] >= 40
    assert "2 in " in text
    assert not list(Path("told").glob("*.part"))


def test_a_campaign_goes_on_where_its_file_ends(lifeboat: Lifeboat) -> None:
    options = ("--faults", "clock_skew", "--json", "it.json", "--resume", "--schedules", "1")
    lifeboat(*options, "--seed", "7")
    lifeboat(*options)
    told = json.loads(Path("it.json").read_text("utf-8"))
    assert (told["schedules"], told["next_seed"]) == (2, 9)


def test_what_may_go_on_for_hours_is_written_as_time_goes_by(
    lifeboat: Lifeboat, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    monkeypatch.setattr(cli.campaign, "WRITTEN_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(cli.campaign, "write", lambda _, text: written.append(json.loads(text)["schedules"]))
    lifeboat("--schedules", "2", "--faults", "clock_skew", "--json", "it.json", "--resume")
    assert written == [1, 2, 2]


@pytest.mark.parametrize("text", ["{", "[]", '{"order": {}}', '{"schedules": "many"}', "null"])
def test_a_file_that_is_of_no_campaign_is_not_gone_on_with(lifeboat: Lifeboat, text: str) -> None:
    Path("it.json").write_text(text, "utf-8")
    code, said = lifeboat("--schedules", "1", "--json", "it.json", "--resume")
    assert (code, "it.json is no file of a campaign" in said) == (2, True)
    assert Path("it.json").read_text("utf-8") == text


def test_more_processes_than_help_are_not_begun(lifeboat: Lifeboat, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(cli.simulate, "play_campaign", lambda campaign: asked.append(campaign.jobs))
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    lifeboat("--jobs", "999", "--schedules", "1")
    _, text = lifeboat("--jobs", "999", "--minutes", "1")
    assert asked == [1, 8]
    assert "--jobs 999: 8 processes, 4 for each core" in text


def test_one_seed_is_told_line_by_line(lifeboat: Lifeboat) -> None:
    code, text = lifeboat("--seed", "3", "--faults", "clock_skew,pause", "--timeline")
    assert code == 0, text
    assert "proves: schedule 3 of quickstart breaks no invariant" in text
    assert "initialised: quickstart begins" in text
    assert "-- heal all" in text
    assert text.rstrip().splitlines()[-1].startswith("held; ")


def test_the_same_seed_is_told_the_same_twice(lifeboat: Lifeboat) -> None:
    asked = ("--seed", "5", "--faults", "clock_skew", "--timeline")
    assert lifeboat(*asked) == lifeboat(*asked)


class TestViolation:
    """A violation that is planted: whenever an incident is opened."""

    @pytest.fixture(autouse=True)
    def planted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        plant(monkeypatch)
        monkeypatch.setattr(shortening, "BUDGET", 3)
        monkeypatch.setattr(shortening.shortened, "__defaults__", (3,))
        monkeypatch.setattr(cli.campaign, "SHRUNK_AT_MOST", 1)

    @pytest.fixture
    def violated(self, lifeboat: Lifeboat) -> tuple[str, Any]:
        """What is said of a campaign that violates something, and the first of what was found."""
        topology = str(ROOT / "topologies" / "quickstart.yaml")
        options = ("--topology", topology, "--faults", "region_down", "--json", "it.json")
        code, text = lifeboat(*options, "--schedules", "4")
        assert code == 1, text
        return text, json.loads(Path("it.json").read_text("utf-8"))["found"][0]

    def test_it_is_told_with_its_seed_what_broke_and_why(self, violated: tuple[str, Any]) -> None:
        text, found = violated
        assert found["what"] == "I6"
        assert f"seed {found['seed']}: I6 at {found['at']:.2f} s: {WHY}" in text

    def test_the_shortest_schedule_is_written_and_can_be_read(self, violated: tuple[str, Any]) -> None:
        text, found = violated
        file = Path(f"out/simulate/seed-{found['seed']}.yaml")
        assert f"lifeboat simulate --scenario {file} --seed {found['seed']}" in text
        faults = [line for line in file.read_text("utf-8").splitlines() if "fault: {region_down" in line]
        assert faults
        assert all(line in text for line in faults)
        read = read_scenario(file)
        assert read.topology == str(ROOT / "topologies" / "quickstart.yaml")
        assert read.load.writes_per_second == 1.0

    def test_its_timeline_is_that_of_the_same_schedule(self, violated: tuple[str, Any], lifeboat: Lifeboat) -> None:
        text, found = violated
        (line,) = [
            each
            for each in text.splitlines()
            if each.startswith(f"the whole of it:  lifeboat simulate --seed {found['seed']} ")
        ]
        code, told = lifeboat(*line.split("lifeboat simulate ")[1].split())
        assert code == 1
        assert told.rstrip().splitlines()[-1].startswith("VIOLATED I6 at ")


class TestScenario:
    """One scenario, such as a drill."""

    def test_it_is_played_and_its_report_written(self, lifeboat: Lifeboat) -> None:
        code, text = lifeboat("--scenario", str(DRILL), "--html", "told/it.html", "--json", "it.json", "--seed", "2")
        assert code == 0, text
        told = json.loads(Path("it.json").read_text("utf-8"))
        assert told["verdict"] == "held"
        assert told["seeds"] == {"schedule": 2}
        assert read_scenario(DRILL).proves in Path("told/it.html").read_text("utf-8")

    def test_one_whose_expectations_do_not_hold_fails(self, lifeboat: Lifeboat) -> None:
        Path("it.yaml").write_text(
            "proves: a region that lives is not the writer\nsteps:\n  - {at: 1s, expect: {writer: eu-west-1}}\n",
            "utf-8",
        )
        code, text = lifeboat("--scenario", "it.yaml")
        assert code == 1
        assert "BROKEN" in text

    def test_its_topology_may_be_said_by_name(self, lifeboat: Lifeboat) -> None:
        Path("it.yaml").write_text("proves: it\nsteps:\n  - {at: 1s, expect: {incident: none}}\n", "utf-8")
        code, text = lifeboat("--scenario", "it.yaml", "--topology", "aurora")
        assert code == 0, text
