"""A copy of the code with one bug in it, and commands that run on that copy alone."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from simulator.mutants.mutant import Mutant

ROOT: Final = Path(__file__).parents[2]
PARTS: Final = (
    *("drills", "lambdas", "rehearsal", "simulator", "state_machines", "tests", "topologies", "topology_document"),
    "pyproject.toml",
)
"""What a play reads: steps and machines, which are mutated, and all that plays or promises something about them.

The simulator finds machines and topologies beside itself, so that a whole copy needs no switch to find them by.
"""


@dataclass(frozen=True, slots=True)
class Tree:
    """A copy of the code in a folder of its own."""

    folder: Path

    def run(self, module: str, arguments: Sequence[str], *, seconds: float) -> subprocess.CompletedProcess[str]:
        """Run a module of the copy, in a process that imports the copy and nothing of the original.

        Raises:
            subprocess.TimeoutExpired: it did not end in time.
        """
        path = os.pathsep.join([str(self.folder), str(self.folder / "lambdas")])
        return subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )


@contextmanager
def planted(mutant: Mutant | None, root: Path = ROOT) -> Iterator[Tree]:
    """Give a copy of the code with the bug in it (without one: the code as it is), and take it away again.

    Raises:
        MutantError: it does not fit the code any more.
    """
    texts = mutant.texts(root) if mutant is not None else {}
    with TemporaryDirectory(prefix="lifeboat-mutant-") as name:
        folder = Path(name)
        for part in PARTS:
            if (root / part).is_file():
                shutil.copyfile(root / part, folder / part)
            else:
                shutil.copytree(root / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        for file, text in texts.items():
            (folder / file).write_text(text, "utf-8")
        yield Tree(folder)
