"""Statistics over the samples of one period: the five basic ones, percentiles and trimmed means."""

import re
from collections.abc import Callable, Sequence
from math import fsum
from typing import Final

from twin.alarms.errors import AlarmRefusedError
from twin.alarms.samples import Sample

Statistic = Callable[[Sequence[Sample]], float | None]

_RANKED: Final = re.compile(r"(p|tm)(\d{1,2}(?:\.\d{0,10})?|100)", re.IGNORECASE)


def statistic(name: str) -> Statistic:
    """Return the function that gives a period's value, or ``None`` where CloudWatch has none.

    Raises:
        AlarmRefusedError: the statistic is none of those known here.
    """
    if name in _BASIC:
        return _BASIC[name]
    ranked = _RANKED.fullmatch(name)
    if ranked is None:
        raise AlarmRefusedError(
            f"statistic {name!r} is not understood; use one of {', '.join(_BASIC)}, pNN or tmNN, as in p99 or tm95"
        )
    share = float(ranked[2]) / 100.0
    of_ranked = _percentile if ranked[1].lower() == "p" else _trimmed_mean
    return lambda samples: _over_known(samples, share, of_ranked)


def percentile(name: str) -> float | None:
    """Return how many percent of the observations a percentile leaves below it; ``None`` for any other statistic."""
    ranked = _RANKED.fullmatch(name)
    return float(ranked[2]) if ranked and ranked[1].lower() == "p" else None


def sample_count(samples: Sequence[Sample]) -> float:
    """Return how many observations there are; sums are exact, so that the order of publication is nothing."""
    return fsum(sample.count for sample in samples)


def _sum(samples: Sequence[Sample]) -> float | None:
    return fsum(sample.total for sample in samples) if samples else None


def _average(samples: Sequence[Sample]) -> float | None:
    return fsum(sample.total for sample in samples) / sample_count(samples) if samples else None


_BASIC: Final[dict[str, Statistic]] = {
    "SampleCount": lambda samples: sample_count(samples) if samples else None,
    "Sum": _sum,
    "Average": _average,
    "Minimum": lambda samples: min((sample.minimum for sample in samples), default=None),
    "Maximum": lambda samples: max((sample.maximum for sample in samples), default=None),
}


def _over_known(
    samples: Sequence[Sample], share: float, of_ranked: Callable[[list[tuple[float, float]], float], float | None]
) -> float | None:
    """CloudWatch has no percentile of a statistic set that hides its values, nor of negative values."""
    if not samples or any(not sample.is_uniform or sample.minimum < 0 for sample in samples):
        return None
    return of_ranked(sorted((sample.minimum, sample.count) for sample in samples), share)


def _percentile(ranked: list[tuple[float, float]], share: float) -> float | None:
    """Interpolate linearly between the two nearest ranks, each value standing as often as it was seen."""
    rank = share * max(fsum(count for _, count in ranked) - 1.0, 0.0)
    lower = _at_rank(ranked, int(rank))
    return lower + (rank - int(rank)) * (_at_rank(ranked, int(rank) + 1) - lower)


def _at_rank(ranked: list[tuple[float, float]], rank: int) -> float:
    seen = 0.0
    for value, count in ranked:
        seen += count
        if rank < seen:
            return value
    return ranked[-1][0]


def _trimmed_mean(ranked: list[tuple[float, float]], share: float) -> float | None:
    """The average of the lowest ``share`` of the observations: tm99 leaves out the highest hundredth."""
    left = kept = share * fsum(count for _, count in ranked)
    total = 0.0
    for value, count in ranked:
        taken = min(count, left)
        total += value * taken
        left -= taken
    return total / kept if kept else None
