"""How many of the planted bugs are found, by what, and which are not."""

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from simulator.mutants.mutant import Mutant, MutantError, mutants
from simulator.mutants.planting import planted

TRIAL: Final = "simulator.mutants.trial"
TRIAL_SECONDS: Final = 3600.0
"""Long beyond any trial; one that takes longer goes round and round."""

KEPT: Final = Path(__file__).parent / "score.json"
"""The newest whole score, with what found each: ``python -m simulator.mutants --json simulator/mutants/score.json``."""


class TrialError(Exception):
    """A trial has not come to a verdict: the tree does not run, or it was another tree."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What is played in each tree: so many seeds from the first on, without some, and scenarios."""

    first: int = 0
    schedules: int = 100
    but: tuple[int, ...] = ()

    def verdict(
        self, code: Path, mutant: Mutant | None, scenarios: Sequence[str], *, goes_on: bool = False
    ) -> dict[str, Any]:
        """Return what broke in a tree with this bug in it; raises ``TrialError``, ``MutantError``."""
        asked = [f"--seed={self.first}", f"--schedules={self.schedules}"]
        asked += [f"--scenario={each}" for each in scenarios]
        asked += [f"--but={seed}" for seed in self.but]
        asked += ["--goes-on"] if goes_on else []
        with planted(mutant, code) as tree:
            try:
                ended = tree.run(TRIAL, asked, seconds=TRIAL_SECONDS)
            except subprocess.TimeoutExpired as exc:
                raise TrialError(f"no verdict within {TRIAL_SECONDS:g} s") from exc
            if ended.returncode != 0:
                raise TrialError("; ".join(ended.stderr.strip().splitlines()[-3:]))
            verdict: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
            if verdict["tree"] != str(tree.folder):
                raise TrialError(f"it judged {verdict['tree']} and not {tree.folder}: the bug was not in it")
        return verdict


@dataclass(frozen=True, slots=True)
class Row:
    """One mutant: by which play it was found, and by which seed; why there is no verdict, where there is none."""

    name: str
    directed: str = ""
    drawn: str = ""
    why: str = ""
    no_verdict: str = ""

    @property
    def is_killed(self) -> bool:
        """Whether anything found it."""
        return bool(self.directed or self.drawn)

    def told(self) -> str:
        """Return it as a line of a table."""
        found = "; ".join(filter(None, (self.directed, self.drawn)))
        return f"| {self.name} | {found or f'**survives** {self.no_verdict}'.strip()} | {self.why} |"


@dataclass(slots=True)
class Score:
    """The rows, and the plays that the code as it is does not pass, which therefore find nothing."""

    rows: list[Row] = field(default_factory=list)
    unfit: list[str] = field(default_factory=list)

    @property
    def survivors(self) -> list[str]:
        """The mutants that nothing found."""
        return [row.name for row in self.rows if not row.is_killed]

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "planted": len(self.rows),
            "killed": len(self.rows) - len(self.survivors),
            "survivors": self.survivors,
            "unfit": self.unfit,
            "rows": [
                {"name": row.name, "directed": row.directed, "drawn": row.drawn, "why": row.why} for row in self.rows
            ],
        }


def scored(
    chosen: Sequence[Mutant], trial: Trial, *, jobs: int = 1, told: Callable[[Row], None] = lambda _row: None
) -> Score:
    """Try the code as it is, then every mutant; ``told`` hears of each as it ends.

    A play or a seed that the code itself does not pass is no witness, and is left out for all.

    Raises:
        TrialError: the code as it is came to no verdict.
    """
    with planted(None) as code:  # what is edited meanwhile changes nothing
        return _scored(chosen, trial, code.folder, jobs, told)


def _scored(chosen: Sequence[Mutant], trial: Trial, code: Path, jobs: int, told: Callable[[Row], None]) -> Score:
    plays = tuple(dict.fromkeys(each for mutant in chosen for each in mutant.scenarios))
    directed, drawn = _broken_in_itself(code, plays, trial, jobs)
    score, fit = Score(unfit=[*directed, *drawn.values()]), replace(trial, but=(*trial.but, *drawn))

    def tried(mutant: Mutant) -> Row:
        row = _row(code, mutant, fit, [each for each in mutant.scenarios if each not in directed])
        told(row)
        return row

    with ThreadPoolExecutor(jobs) as pool:
        score.rows = [*pool.map(tried, chosen)]
    return score


def _broken_in_itself(code: Path, plays: Sequence[str], trial: Trial, jobs: int) -> tuple[list[str], dict[int, str]]:
    """Return the scenarios and the seeds that the code as it is does not pass; the seeds with how they are told."""
    share = -(-trial.schedules // jobs)
    parts = [replace(trial, first=trial.first + job * share, schedules=share) for job in range(jobs)]
    with ThreadPoolExecutor(jobs) as pool:
        verdicts = list(
            pool.map(lambda job: parts[job].verdict(code, None, plays[job::jobs], goes_on=True), range(jobs))
        )
    directed = [found["play"] for verdict in verdicts for found in verdict["directed"]]
    drawn = [found["play"] for verdict in verdicts for found in verdict["drawn"]]
    return directed, {int(play.rsplit(" ", 1)[-1]): play for play in drawn}


def _row(code: Path, mutant: Mutant, trial: Trial, scenarios: Sequence[str]) -> Row:
    try:
        verdict = trial.verdict(code, mutant, scenarios)
    except (TrialError, MutantError) as exc:
        return Row(mutant.name, no_verdict=str(exc))
    directed, drawn = (next(iter(verdict[how]), None) for how in ("directed", "drawn"))
    why = next((each["why"] for each in (drawn, directed) if each), "")
    return Row(mutant.name, _told(directed), _told(drawn), " ".join(why.replace("|", "/").split())[:200])


def _told(found: Mapping[str, str] | None) -> str:
    return "" if found is None else f"{found['play']}: {found['what']}"


def kept_score() -> dict[str, int | None]:
    """Return how many bugs are planted, and how many were found when all were last tried; ``None`` if never."""
    found = json.loads(KEPT.read_text("utf-8"))["killed"] if KEPT.exists() else None
    return {"planted": len(mutants()), "killed": found}
