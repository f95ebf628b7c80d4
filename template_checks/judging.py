"""Findings against what is accepted."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from template_checks.assembly import Acceptance
from template_checks.finding import Finding


@dataclass
class Verdict:
    """What stands in the way, and which acceptances were needed; several assemblies are judged into one."""

    open: list[Finding] = field(default_factory=list)
    accepted: int = 0
    _said: set[tuple[str, str]] = field(default_factory=set)
    _needed: set[tuple[str, str]] = field(default_factory=set)

    def judge(self, findings: Iterable[Finding], acceptances: Iterable[Acceptance]) -> None:
        """Take the findings of one assembly, and what is accepted in it."""
        by_path: dict[str, list[Acceptance]] = defaultdict(list)
        for each in acceptances:
            by_path[each.path].append(each)
            self._said.update((rule, each.because) for rule in each.rules)
        for finding in findings:
            needed = _accepting(finding, by_path)
            self._needed |= needed
            if needed:
                self.accepted += 1
            else:
                self.open.append(finding)

    @property
    def unneeded(self) -> list[tuple[str, str]]:
        """Rules and reasons that accept nothing: what they were about is mended, and they would hide the next."""
        return sorted(self._said - self._needed)


def _accepting(finding: Finding, by_path: dict[str, list[Acceptance]]) -> set[tuple[str, str]]:
    names = {finding.rule, finding.rule.partition("[")[0]}
    return {
        (rule, each.because)
        for place in _places(finding.path)
        for each in by_path.get(place, ())
        for rule in each.rules
        if rule in names
    }


def _places(path: str) -> Iterable[str]:
    """The construct and all that it is in: ``a/b/c``, ``a/b``, ``a``."""
    parts = path.split("/")
    return ("/".join(parts[:length]) for length in range(len(parts), 0, -1))
