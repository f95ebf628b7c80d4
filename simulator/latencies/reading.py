"""From a file of latencies to distributions, or to the list of everything that is wrong with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import yaml

from simulator.latencies.distribution import Distribution
from simulator.latencies.kinds import KINDS, number, of_kind, told
from simulator.latencies.mistakes import LatencyError, Mistake, near

AWS: Final = Path(__file__).parent / "latencies.yaml"
"""What AWS takes, as far as that is known."""

COMPRESSED: Final = Path(__file__).parent / "compressed.yaml"
"""What takes minutes on AWS, as short as on the twin: drills keep the times for which they were written."""

ROUND_TRIPS: Final = "round_trips_ms"
UNITS: Final = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0}
KEYS: Final = ("is", "unit", *KINDS, "standing", "source")


class Standing(StrEnum):
    """How far a number can be believed: somebody published it, we measured it, or it is our assumption."""

    PUBLISHED = "published"
    MEASURED = "measured"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Latency:
    """One delay of the modelled world: what it is, how long it takes, and how that is known.

    ``told`` is the distribution as it is written, with its unit.
    """

    name: str
    means: str
    takes: Distribution
    told: str
    standing: Standing
    source: str


@dataclass(frozen=True, slots=True)
class File:
    """A file of latencies: by name, and the round trips between two regions, in seconds."""

    latencies: dict[str, Latency] = field(default_factory=dict)
    round_trips: dict[tuple[str, str], float] = field(default_factory=dict)


def read_file(path: Path, known: frozenset[str] | None = None) -> File:
    """Return what a file says; ``known`` are the only names that it may use, where that is so.

    Raises:
        LatencyError: the file cannot be read, or has mistakes.
    """
    file = File()
    mistakes: list[str] = []
    for name, value in _document(path).items():
        try:
            if name == ROUND_TRIPS:
                file.round_trips.update(_round_trips(value))
            elif known is not None and name not in known:
                raise Mistake("", name, f"a latency of {AWS.name}", near(name, known))
            else:
                file.latencies[name] = _latency(name, value)
        except Mistake as exc:
            mistakes.append(f"{path}: {name}{exc}")
    if mistakes:
        raise LatencyError(mistakes)
    return file


class _Loader(yaml.SafeLoader):
    """Refuses a key that is there twice, of which YAML would keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        keys = [key.value for key, _ in node.value]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise Mistake(twice, "the key twice", "each key once", "remove one of the two")
        return super().construct_mapping(node, deep=deep)


def _document(path: Path) -> dict[str, Any]:
    try:
        document = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 - a safe loader
    except OSError as exc:
        raise LatencyError([f"{path}: got {exc.strerror}; allowed: a file of latencies; check the path"]) from None
    except Mistake as exc:
        raise LatencyError([f"{path}: {exc}"]) from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as exc:
        wrong = " ".join(str(exc).split())
        raise LatencyError([f"{path}: got what is no YAML ({wrong}); allowed: a mapping; mend it there"]) from None
    if not isinstance(document, dict):
        raise LatencyError([f"{path}: got {document!r}; allowed: a mapping of latencies by name; write one"])
    return document


def _latency(name: str, value: Any) -> Latency:
    entry = of_kind(value, dict, "", f"a mapping of {', '.join(KEYS)}", "write its parts")
    for key in entry:
        if key not in KEYS:
            raise Mistake(f".{key}", entry[key], ", ".join(KEYS), near(key, KEYS))
    kinds = [kind for kind in KINDS if kind in entry]
    if len(kinds) != 1:
        raise Mistake("", " and ".join(kinds) or "no distribution", f"one of {', '.join(KINDS)}", "keep or add one")
    kind = kinds[0]
    unit = _one_of(entry, "unit", UNITS)
    takes = KINDS[kind](entry[kind], UNITS[unit])
    standing = Standing(_one_of(entry, "standing", [each.value for each in Standing]))
    return Latency(name, _text(entry, "is"), takes, told(kind, entry[kind], unit), standing, _text(entry, "source"))


def _round_trips(value: Any) -> dict[tuple[str, str], float]:
    rows = of_kind(value, dict, "", "a mapping of regions", "write {us-east-1: {us-east-2: 15}}")
    found: dict[tuple[str, str], float] = {}
    for one, row in rows.items():
        for other, took in of_kind(row, dict, f".{one}", "a mapping of regions", "write {us-east-2: 15}").items():
            place = f".{one}.{other}"
            if one == other or (other, one) in found:
                raise Mistake(place, took, "each pair of two regions once", "remove it")
            if number(took, place) == 0:
                raise Mistake(place, took, "a number over 0", "write the median round trip")
            found[one, other] = took * UNITS["ms"]
    return found


def _one_of(entry: Mapping[str, Any], key: str, allowed: Iterable[str]) -> str:
    got = entry.get(key, "nothing")
    if got not in allowed:
        raise Mistake(f".{key}", got, ", ".join(allowed), near(got, allowed))
    return str(got)


def _text(entry: Mapping[str, Any], key: str) -> str:
    got = entry.get(key, "nothing")
    if key not in entry or not isinstance(got, str) or not got.strip():
        raise Mistake(f".{key}", got, "a text", "say it in words")
    return " ".join(got.split())
