"""What is wrong in a file of latencies: where, the value, what is allowed, the fix."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


class LatencyError(ValueError):
    """Mistakes in latencies; the text says each on a line of its own."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


class Mistake(Exception):  # noqa: N818 - becomes a line of a LatencyError
    """One mistake; ``place`` is where it is below its entry, as in ``.lognormal.p50``."""

    def __init__(self, place: str, got: object, allowed: str, fix: str) -> None:
        super().__init__(f"{place}: got {got!r}; allowed: {allowed}; {fix}")


def near(word: object, known: Iterable[str]) -> str:
    """Return a fix for a word that is none of the known ones."""
    close = get_close_matches(str(word), sorted(known), n=1)
    return f"did you mean {close[0]!r}?" if close else "use one of those that are allowed"
