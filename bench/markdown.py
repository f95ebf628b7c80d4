"""Tables as text that is read as well in a terminal as in a document."""

from collections.abc import Sequence

from bench.numbers import Number, Table
from bench.surroundings import Surroundings

HEAD = ("", "median", "worst", "runs", "target", "")
LEFT = (0, 4, 5)
"""The columns of words; the others are numbers and stand right."""


def rendered(table: Table, surroundings: Surroundings) -> str:
    """Return the machine, the numbers and the remarks of one measurement."""
    rows = [HEAD, *(_row(each) for each in table.numbers)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    rule = [("-" * width if column in LEFT else "-" * (width - 1) + ":") for column, width in enumerate(widths)]
    lines = [_line(row, widths) for row in (rows[0], rule, *rows[1:])]
    remarks = [f"- {each}" for each in table.remarks]
    parts = [f"{table.ground.value}; {surroundings.told()}", "\n".join(lines), "\n".join(remarks)]
    return "\n\n".join(part for part in parts if part)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    told = (
        cell.ljust(width) if column in LEFT else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return f"| {' | '.join(told)} |"


def _row(number: Number) -> tuple[str, ...]:
    target = number.target
    asked = judged = ""
    if target is not None:
        asked = f"{'≥' if target.floor else '≤'} {_figure(target.limit)} {number.unit} ({target.of.value})"
        judged = "met" if target.met(number) else "**missed**"
    median, worst = (f"{_figure(value)} {number.unit}" for value in (number.median, number.worst))
    return (number.what, median, worst, str(len(number.samples)), asked, judged)


def _figure(value: float) -> str:
    """Return three figures that mean something; whole numbers stay whole."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
