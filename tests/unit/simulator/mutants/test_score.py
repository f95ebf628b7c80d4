"""How the score counts: what finds a mutant, what is no witness, and what is no verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.mutants import Edit, Mutant, MutantError
from simulator.mutants.score import Row, Trial, TrialError, scored


def mutant(name: str, *scenarios: str) -> Mutant:
    return Mutant(name, "something", (Edit("code.py", "a", "b"),), scenarios)


def found(play: str, what: str = "I1") -> dict[str, str]:
    return {"play": play, "what": what, "why": "two writers | at once"}


@dataclass(frozen=True, slots=True)
class Told(Trial):
    """Trials whose verdicts are told beforehand: what breaks in the code as it is, and with each mutant."""

    control: tuple[dict[str, str], ...] = ()
    broken: tuple[tuple[str, dict[str, str]], ...] = ()

    def verdict(
        self, _code: Path, mutant: Mutant | None, scenarios: Sequence[str], *, goes_on: bool = False
    ) -> dict[str, Any]:
        if mutant is None:
            mine = [each for each in self.control if each["play"] in scenarios or self._seed(each) in self._seeds()]
        else:
            mine = [each for name, each in self.broken if name == mutant.name]
            mine = [each for each in mine if each["play"] in scenarios or self._seed(each) in self._seeds()]
        if any(each["what"] == "hangs" for each in mine):
            raise TrialError("no verdict within 1 s")
        if any(each["what"] == "unfit" for each in mine):
            raise MutantError("code.py: 'a' is there 0 times")
        assert goes_on is (mutant is None)
        directed = [each for each in mine if self._seed(each) is None]
        return {"directed": directed, "drawn": [each for each in mine if self._seed(each) is not None]}

    def _seeds(self) -> set[int]:
        return set(range(self.first, self.first + self.schedules)) - set(self.but)

    def _seed(self, finding: dict[str, str]) -> int | None:
        last = finding["play"].rsplit(" ", 1)[-1]
        return int(last) if last.isdigit() else None


def test_a_mutant_is_killed_by_a_scenario_or_by_a_seed() -> None:
    trial = Told(schedules=10, broken=(("one", found("a.yaml")), ("two", found("quickstart, seed 7", "stuck"))))
    score = scored([mutant("one", "a.yaml"), mutant("two", "a.yaml"), mutant("three", "a.yaml")], trial, jobs=2)
    assert score.as_json() | {"rows": []} == {
        "planted": 3,
        "killed": 2,
        "survivors": ["three"],
        "unfit": [],
        "rows": [],
    }
    assert [(row.directed, row.drawn) for row in score.rows] == [
        ("a.yaml: I1", ""),
        ("", "quickstart, seed 7: stuck"),
        ("", ""),
    ]


def test_what_the_code_itself_does_not_pass_finds_nothing() -> None:
    broken = ("one", found("a.yaml")), ("one", found("quickstart, seed 7"))
    trial = Told(schedules=10, control=(found("a.yaml"), found("quickstart, seed 7")), broken=broken)
    score = scored([mutant("one", "a.yaml", "b.yaml")], trial, jobs=3)
    assert score.survivors == ["one"]
    assert sorted(score.unfit) == ["a.yaml", "quickstart, seed 7"]


def test_a_mutant_without_a_verdict_survives_and_says_why() -> None:
    broken = ("one", found("a.yaml", "hangs")), ("two", found("a.yaml", "unfit"))
    told: list[Row] = []
    score = scored([mutant("one", "a.yaml"), mutant("two", "a.yaml")], Told(broken=broken), told=told.append)
    assert score.survivors == ["one", "two"]
    assert [row.told() for row in told] == [
        "| one | **survives** no verdict within 1 s |  |",
        "| two | **survives** code.py: 'a' is there 0 times |  |",
    ]


def test_a_line_of_the_table_stays_one_line_of_three_cells() -> None:
    score = scored([mutant("one", "a.yaml")], Told(broken=(("one", found("a.yaml")),)))
    assert score.rows[0].told() == "| one | a.yaml: I1 | two writers / at once |"
