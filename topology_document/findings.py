"""What is wrong with a document: where, the value that was found, what is allowed, and the fix."""

import difflib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*\Z")
_LONGEST_SHOWN_CHARS = 120

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake, or one warning. ``got`` is the value as it is shown; an empty ``path`` is the whole document."""

    path: Path
    got: str
    allowed: str
    fix: str

    def line(self, file: str) -> str:
        """Return the finding as the one line that people read."""
        place = f"{file}: {dotted(self.path)}" if self.path else file
        return f"{place}: got {self.got}: {self.allowed}; {self.fix}"


class TopologyError(ValueError):
    """A topology document has mistakes; the text says each on a line of its own."""

    def __init__(self, file: str, mistakes: Iterable[Finding]) -> None:
        self.file = file
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(mistake.line(file) for mistake in self.mistakes))


def dotted(path: Path) -> str:
    """Return ``regions.us-east-1.cidr``; a key that is not a plain word is quoted, as in ``routes."@"``."""
    return ".".join(key if _PLAIN_KEY.match(key) else _one_line(key) for key in path)


def shown(value: Any) -> str:
    """Return a value as a reader of YAML would write it, on one line and not too long."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = _one_line(value)
    return text if len(text) <= _LONGEST_SHOWN_CHARS else text[:_LONGEST_SHOWN_CHARS] + "…"


def _one_line(value: Any) -> str:
    """Return JSON, with escapes for what does not print."""
    return json.dumps(value, ensure_ascii=not str(value).isprintable())


def listed(values: Iterable[str]) -> str:
    """Return ``a, b, c``."""
    return ", ".join(values)


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that was probably meant: a close spelling, or one that the word begins or ends."""
    known = list(candidates)
    swapped = [each for each in known if sorted(each) == sorted(word)]
    if swapped:
        return swapped[0]
    close = difflib.get_close_matches(word.lower(), [each.lower() for each in known], n=1, cutoff=0.6)
    if close:
        return next(each for each in known if each.lower() == close[0])
    if len(word) < 3:
        return None
    return next((each for each in known if each.startswith(word) or each.endswith(word)), None)


def did_you_mean(word: str, candidates: Iterable[str], otherwise: str) -> str:
    """Return the question that names the nearest candidate, or ``otherwise`` when none is near."""
    meant = nearest(word, candidates)
    return f'did you mean "{meant}"?' if meant else otherwise
