"""A planted bug: what it is in one sentence, and the few words of the code that it changes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

PLANTED: Final = Path(__file__).parent / "planted"
"""One file for each part of Lifeboat, with the mutants of it."""

FIELDS: Final = {"name", "plants", "file", "find", "put", "edits", "scenarios"}


class MutantError(Exception):
    """A mutant cannot be planted: it is not written as it should be, or the code has changed under it."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A place in a file and what stands there instead.

    ``find`` is a part of one line, or several whole lines without the indentation that they share; it must be in the
    file exactly once. ``put`` gets the indentation of what it replaces.
    """

    file: str
    find: str
    put: str

    def applied(self, text: str) -> str:
        """Return the text with the bug in it; raises ``MutantError`` where it does not fit exactly once."""
        found = [*self._pattern().finditer(text)]
        times = len(found) if "\n" in self.find else text.count(self.find)
        if times != 1:
            raise MutantError(
                f"{self.file}: {self.find!r} is there {times} times, and must be once: the code has changed; "
                "write the mutant anew for what it is now"
            )
        (place,) = found
        put = self.put.replace("\n", f"\n{place['indent']}")
        return text[: place.start("block")] + put + text[place.end("block") :]

    def _pattern(self) -> re.Pattern[str]:
        """Match the block, and the indentation of its first line, or what several lines share."""
        first, *others = map(re.escape, self.find.split("\n"))
        if not others:
            return re.compile(rf"^(?P<indent> *).*?(?P<block>{first})", re.MULTILINE)
        rest = "".join(f"\n(?P=indent){line}" if line else "\n" for line in others)
        return re.compile(f"^(?P<indent> *)(?P<block>{first}{rest})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A bug; ``scenarios`` are plays in which it must show, beside whatever drawn schedule it shows in.

    Where several rules stand behind one another no play tells that one is missing: then it is a module of tests, whose
    promises are about that rule alone.
    """

    name: str
    plants: str
    edits: tuple[Edit, ...]
    scenarios: tuple[str, ...] = ()

    def texts(self, root: Path) -> dict[str, str]:
        """Return what its files say with the bug in them, by path; raises ``MutantError``."""
        changed: dict[str, str] = {}
        for edit in self.edits:
            if edit.file not in changed:
                changed[edit.file] = (root / edit.file).read_text("utf-8")
            changed[edit.file] = edit.applied(changed[edit.file])
        return changed


def mutants(folder: Path = PLANTED) -> tuple[Mutant, ...]:
    """Return every mutant, in the order of the files and in them; raises ``MutantError`` for what is wrong there."""
    found = tuple(each for file in sorted(folder.glob("*.yaml")) for each in _read(file))
    names = [each.name for each in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise MutantError(f"{folder}: {', '.join(twice)}: two mutants of one name; rename one")
    return found


def _read(file: Path) -> Iterator[Mutant]:
    for entry in yaml.safe_load(file.read_text("utf-8")):
        unknown = sorted(set(entry) - FIELDS)
        if unknown:
            allowed = ", ".join(sorted(FIELDS))
            raise MutantError(f"{file.name}: {entry.get('name')}: {unknown[0]!r} is no field; one of: {allowed}")
        yield _mutant(file.name, entry)


def _mutant(file: str, entry: Mapping[str, Any]) -> Mutant:
    try:
        edits = tuple(Edit(each["file"], each["find"], each["put"]) for each in entry.get("edits", [entry]))
        return Mutant(entry["name"], entry["plants"], edits, tuple(entry.get("scenarios", ())))
    except KeyError as exc:
        raise MutantError(
            f"{file}: {entry.get('name')}: lacks {exc}; a mutant has name, plants, and file, find, put (or a list of "
            "them as edits)"
        ) from exc
