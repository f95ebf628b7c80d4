"""SVG in words: a drawing is a list of elements; classes say what they are, the page's style how they look."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

CHARACTER: Final = 6.3
"""Width in pixels of a character of the picture's 11 px type, on average and rather too wide."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Seconds to pixels."""

    since: float
    until: float
    left: float
    right: float

    def x(self, seconds: float) -> float:
        """Return the place of a moment; moments outside are put at the edge."""
        inside = min(max(seconds, self.since), self.until)
        return round(self.left + (inside - self.since) / (self.until - self.since) * (self.right - self.left), 1)

    def ticks(self) -> list[float]:
        """Return round moments, some ten of them."""
        wanted = (self.until - self.since) / 10
        step = next((each for each in (0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300) if each >= wanted), 600.0)
        first = int(self.since / step) * step
        count = int((self.until - first) / step) + 1
        return [tick for index in range(count) if (tick := first + index * step) >= self.since]


@dataclass(slots=True)
class Drawing:
    """Elements in the order in which they are painted, and the height that they take."""

    height: float = 0.0
    elements: list[str] = field(default_factory=list)

    def bar(self, x: float, y: float, until: float, height: float, *, kind: str, told: str) -> None:
        """Draw a bar of at least two pixels, with what it tells when pointed at."""
        width = max(2.0, round(until - x, 1))
        self.elements.append(
            f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}" rx="2">'
            f"<title>{escape(told)}</title></rect>"
        )

    def line(self, x: float, y: float, to_x: float, to_y: float, kind: str) -> None:
        """Draw a line."""
        self.elements.append(f'<line class="{kind}" x1="{x}" y1="{y}" x2="{to_x}" y2="{to_y}"/>')

    def dot(self, x: float, y: float, kind: str, told: str) -> None:
        """Draw a dot, with what it tells when pointed at."""
        self.elements.append(f'<circle class="{kind}" cx="{x}" cy="{y}" r="4"><title>{escape(told)}</title></circle>')

    def text(self, x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> None:
        """Write words with their base line at ``y``."""
        self.elements.append(f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>')

    def text_in(self, x: float, y: float, until: float, *words: str) -> None:
        """Write into a bar the first words that fit, or nothing."""
        fitting = next((each for each in words if until - x >= len(each) * CHARACTER + 10), None)
        if fitting is not None:
            self.text(x + 6, y, fitting, "on-bar")


def rows_of(widths: Sequence[tuple[float, float]]) -> list[int]:
    """Return for each span, in order, the first row in which it touches no earlier one."""
    ends: list[float] = []
    rows = []
    for start, end in widths:
        row = next((index for index, taken in enumerate(ends) if taken <= start), len(ends))
        if row == len(ends):
            ends.append(end)
        else:
            ends[row] = end
        rows.append(row)
    return rows
