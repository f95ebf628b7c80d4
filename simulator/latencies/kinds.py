"""The kinds of distribution as they are written, checked."""

from collections.abc import Callable, Mapping, Sequence
from math import inf, isfinite
from typing import Any, Final

from simulator.latencies.distribution import Distribution
from simulator.latencies.mistakes import Mistake, near


def of_kind(value: Any, kind: type, place: str, allowed: str, fix: str) -> Any:
    """Return the value if it is of that kind, else raise the mistake."""
    if not isinstance(value, kind):
        raise Mistake(place, value, allowed, fix)
    return value


def number(value: Any, place: str) -> float:
    """Return a number that may be a time."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value) or value < 0:
        raise Mistake(place, value, "a number of 0 or more", "write a plain number; its unit stands in unit")
    return float(value)


def told(kind: str, value: Any, unit: str) -> str:
    """Return a distribution that was read, in words."""
    if kind == "fixed":
        return f"{value:g} {unit}"
    if kind == "uniform":
        return f"evenly {value['least']:g} to {value['most']:g} {unit}"
    if kind == "lognormal":
        return f"lognormal: {', '.join(f'{name} {each:g}' for name, each in value.items())} {unit}"
    return f"by percent: {', '.join(f'{percent:g} % {took:g}' for percent, took in value.items())} {unit}"


def _fixed(value: Any, unit: float) -> Distribution:
    return Distribution.fixed(number(value, ".fixed") * unit)


def _uniform(value: Any, unit: float) -> Distribution:
    least, most = _numbers(value, ".uniform", {"least": None, "most": None})
    _grow(".uniform", (least, most))
    return Distribution.uniform(least * unit, most * unit)


def _lognormal(value: Any, unit: float) -> Distribution:
    names = {"p50": None, "p99": None, "floor": 0.0, "ceiling": inf}
    p50, p99, floor, ceiling = _numbers(value, ".lognormal", names)
    if p50 == 0:
        raise Mistake(".lognormal.p50", p50, "over 0", "write quantiles for what may take no time at all")
    if p99 == p50:
        raise Mistake(".lognormal.p99", p99, f"over p50, which is {p50:g}", "write fixed for what is always the same")
    _grow(".lognormal", (floor, p50, p99, ceiling))
    return Distribution.lognormal(p50 * unit, p99 * unit, floor * unit, ceiling * unit)


def _quantiles(value: Any, unit: float) -> Distribution:
    table = of_kind(value, dict, ".quantiles", "times by percent", "write {0: least, 50: median, 100: most}")
    at = {number(percent, ".quantiles"): number(took, f".quantiles.{percent}") for percent, took in table.items()}
    if not at or min(at) != 0 or max(at) != 100:
        raise Mistake(".quantiles", sorted(at), "percents from 0 to 100, both there", "add the least and the most")
    _grow(".quantiles", [at[percent] for percent in sorted(at)])
    return Distribution.quantiles({percent: took * unit for percent, took in at.items()})


KINDS: Final[Mapping[str, Callable[[Any, float], Distribution]]] = {
    "fixed": _fixed,
    "uniform": _uniform,
    "lognormal": _lognormal,
    "quantiles": _quantiles,
}
"""Each takes what is written and how many seconds its unit is."""


def _numbers(value: Any, place: str, names: Mapping[str, float | None]) -> list[float]:
    """Return the numbers of these names; ``None`` is the default of what must be there."""
    table = of_kind(value, dict, place, f"a mapping of {', '.join(names)}", "write {name: number, …}")
    for name in table:
        if name not in names:
            raise Mistake(f"{place}.{name}", table[name], ", ".join(names), near(name, names))
    found = []
    for name, default in names.items():
        if name not in table and default is None:
            raise Mistake(f"{place}.{name}", "nothing", "a number", "add it")
        found.append(number(table[name], f"{place}.{name}") if name in table else default or 0.0)
    return found


def _grow(place: str, values: Sequence[float]) -> None:
    if list(values) != sorted(values):
        raise Mistake(place, [*values], "times that grow", "put them in order")
