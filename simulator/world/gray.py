"""Answers that do come and are not what they should be: stale, partial, wrong or late."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeVar

from rehearsal.form.entries import EVERYWHERE
from rehearsal.form.fault_kinds import Amiss, Source
from rehearsal.form.gray_faults import Answers

T = TypeVar("T")


def as_it_is(answer: T) -> T:
    """Nothing is known to be missing or wrong of such an answer."""
    return answer


@dataclass(slots=True)
class Gray:
    """The answers that are amiss now; whoever answers asks here what becomes of the truth."""

    standing: list[Answers] = field(default_factory=list)
    _before: dict[tuple[Answers, Hashable], object] = field(default_factory=dict)

    def begin(self, fault: Answers) -> None:
        """Let the answers of a source be amiss."""
        self.standing.append(fault)

    def end(self, fault: Answers) -> None:
        """Let them be true again."""
        self.standing.remove(fault)
        if fault not in self.standing:
            self._before = {key: value for key, value in self._before.items() if key[0] != fault}

    def late(self, source: Source, region: str) -> float:
        """By how many seconds an answer of a source comes later."""
        if not self.standing:
            return 0.0
        return sum(each.seconds for each in self._of(source, region) if each.how is Amiss.LATE)

    def told(
        self,
        source: Source,
        region: str,
        about: Hashable,
        truth: T,
        *,
        partial: Callable[[T], T] = as_it_is,
        wrong: Callable[[T], T] = as_it_is,
    ) -> T:
        """Return what is answered in the place of the truth; a stale answer is the first of its kind since it began."""
        if not self.standing:
            return truth
        for fault in self._of(source, region):
            match fault.how:
                case Amiss.STALE:
                    truth = self._before.setdefault((fault, about), truth)  # type: ignore[assignment]
                case Amiss.PARTIAL:
                    truth = partial(truth)
                case Amiss.WRONG:
                    truth = wrong(truth)
        return truth

    def lies(self, source: Source, region: str, how: Amiss) -> bool:
        """Whether a source's answers in a region are amiss in this way."""
        return any(each.how is how for each in self._of(source, region))

    def _of(self, source: Source, region: str) -> list[Answers]:
        return [each for each in self.standing if each.what is source and each.region in (region, EVERYWHERE)]
