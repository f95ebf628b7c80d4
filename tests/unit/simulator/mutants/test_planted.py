"""Every planted bug fits the code as it is now, once, and changes what the code does."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rehearsal.form import read_scenario, with_timings
from rehearsal.form.fitting import fitted
from simulator.mutants import Mutant, mutants
from simulator.mutants.planting import ROOT
from topology_document import load

ALL = mutants()
SCENARIOS = sorted((ROOT / "simulator/mutants/scenarios").glob("*.yaml"))


def meaning(file: str, text: str) -> Any:
    """What a file says, whatever its spaces and comments."""
    if file.endswith(".json"):
        return json.loads(text)
    return ast.dump(ast.parse(text))


@pytest.mark.parametrize("mutant", ALL, ids=lambda each: each.name)
def test_a_mutant_fits_and_changes_what_the_code_says(mutant: Mutant) -> None:
    for file, text in mutant.texts(ROOT).items():
        assert meaning(file, text) != meaning(file, (ROOT / file).read_text("utf-8"))


def test_a_mutant_is_a_bug_of_its_own_and_no_slip_of_typing(tmp_path: Path) -> None:
    """Else an unknown name or a wrong type would be what is found, and not the bug: all are checked at once."""
    shutil.copytree(ROOT / "lambdas", tmp_path / "lambdas", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    planted = []
    for index, mutant in enumerate(ALL):
        for file, text in mutant.texts(ROOT).items():
            if file.endswith(".py"):
                planted.append(Path(file).with_stem(f"{Path(file).stem}__{index}_{mutant.name.replace('-', '_')}"))
                (tmp_path / planted[-1]).write_text(text, "utf-8")
    asked = [
        sys.executable,
        "-m",
        "mypy",
        "--cache-dir",
        ".mypy",
        "--config-file",
        "pyproject.toml",
        *map(str, planted),
    ]
    told = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


def test_no_two_mutants_plant_the_same() -> None:
    seen: dict[tuple[tuple[str, str], ...], str] = {}
    for mutant in ALL:
        texts = tuple(sorted((file, str(meaning(file, text))) for file, text in mutant.texts(ROOT).items()))
        assert seen.setdefault(texts, mutant.name) == mutant.name


def test_there_are_as_many_as_are_asked_for_in_every_part_of_lifeboat() -> None:
    assert len(ALL) >= 50
    touched = {edit.file for mutant in ALL for edit in mutant.edits}
    for part in ("decision/", "observation/", "procedures/", "records/", "adapters/replicated/", ".asl.json"):
        assert any(part in file for file in touched), part


def test_each_mutant_says_in_which_play_it_must_show() -> None:
    assert [mutant.name for mutant in ALL if not mutant.scenarios] == []


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda each: each.stem)
def test_each_scenario_fits_its_topology_and_some_mutant_needs_it(file: Path) -> None:
    scenario = read_scenario(file)
    topology = load(ROOT / (scenario.topology if "/" in scenario.topology else f"topologies/{scenario.topology}.yaml"))
    fitted(scenario, with_timings(topology, scenario.timings), file=file.name)
    assert str(file.relative_to(ROOT)) in {each for mutant in ALL for each in mutant.scenarios}


def test_every_scenario_that_is_named_is_there() -> None:
    assert [each for mutant in ALL for each in mutant.scenarios if not (ROOT / each).is_file()] == []
