"""One topology, under the eyes of the checkers that are asked for."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import topology_document
from template_checks import checkov, house, lint, nag, shapes
from template_checks.assembly import Acceptance, Assembly
from template_checks.finding import Finding

CHECKERS: Final = ("nag", "lint", "checkov", "house")

Looked = tuple[str, float, list[Finding], tuple[Acceptance, ...]]
"""A topology's name, the seconds that it took, what was found, and what is accepted."""


def look(topology: Path, checkers: Sequence[str]) -> Looked:
    """Synthesise a topology and return what its checkers find.

    Raises:
        CheckovError: checkov is not there, or it broke.
    """
    began = time.monotonic()
    with TemporaryDirectory(prefix="template-checks-") as work:
        into = Path(work) / "assembly"
        assembly = nag.synthesised(topology, into, judged="nag" in checkers)
        found = list(_found(assembly, topology, checkers, Path(work) / "checkov"))
        return topology.stem, time.monotonic() - began, found, assembly.acceptances


def _found(assembly: Assembly, topology: Path, checkers: Sequence[str], work: Path) -> Iterator[Finding]:
    document = topology_document.load(topology)
    templates = shapes.distinct(assembly.templates, document.name)
    with ThreadPoolExecutor(1) as beside:  # checkov is a process of its own, and takes as long as cfn-lint does
        checking = beside.submit(
            lambda: list(checkov.findings(assembly, templates, work)) if "checkov" in checkers else []
        )
        if "nag" in checkers:
            yield from nag.findings(assembly)
        if "lint" in checkers:
            yield from lint.findings(assembly, templates)
        if "house" in checkers:
            yield from house.findings(assembly)
        yield from checking.result()
