"""The estimate for people and for programs."""

from collections import defaultdict
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from costs.estimate import Estimate
from costs.prices import PRICES, priced_as
from costs.sources import REGIONS, read_in

LARGEST: Final = 12
HEADINGS: Final = ("region", "stands", "control plane's work", "used", "a month", "the document's", "difference")


def show(found: Estimate, console: Console) -> None:
    """Print each region's month beside the document's figure, the control plane's share, and what is not in it."""
    table = Table()
    for heading in HEADINGS:
        table.add_column(heading, no_wrap=heading == HEADINGS[0])
    for region in found.regions:
        sums = [found.usd(region, kind) for kind in ("stands", "works", "used")]
        promised = found.promised.get(region)
        compared = [_usd(promised), f"{found.usd(region) - promised:+,.0f}"] if promised is not None else ["", ""]
        table.add_row(region, *map(_usd, sums), _usd(found.usd(region)), *compared)
    table.add_section()
    whole = sum(found.promised.values())
    compared = [_usd(whole), f"{found.usd() - whole:+,.0f}"] if found.promised else ["", ""]
    table.add_row(
        "all", *(_usd(found.usd(kind=kind)) for kind in ("stands", "works", "used")), _usd(found.usd()), *compared
    )
    console.print("The month in US dollars, by list prices on demand, without discounts and free tiers:")
    console.print(table)
    console.print(_largest(found, own=False))
    console.print(_largest(found, own=True))
    for line in _missing(found):
        console.print(line, markup=False)


def _usd(amount: float) -> str:
    return f"{amount:,.0f}"


def _largest(found: Estimate, *, own: bool) -> Table:
    sums: dict[str, float] = defaultdict(float)
    for line in found.lines:
        if line.own == own:
            sums[line.what] += line.usd
    total = sum(sums.values())
    whose = "Lifeboat's own share" if own else "the product's largest parts"
    table = Table(f"{whose}, all regions: {total:,.0f}", "a month")
    for what, usd in sorted(sums.items(), key=lambda each: -each[1])[:LARGEST]:
        table.add_row(what, f"{usd:,.1f}")
    return table


def _missing(found: Estimate) -> list[str]:
    lines = []
    if found.unknown:
        lines.append("not in it, since nobody knows their price here: " + _counted(found.unknown))
    if found.without_price:
        lines.append("not in it, for want of a price: " + _counted(found.without_price))
    if found.by_use:
        lines.append("in it only as far as the document says their use: " + _counted(found.by_use))
    others = sorted({f"{each} as {priced_as(each)}" for each in found.regions if priced_as(each) != each})
    if others:
        lines.append("priced as a region nearby: " + ", ".join(others))
    read = [read_in(key) for key in PRICES]
    whole = sum(regions.issuperset(REGIONS) for regions in read)
    lines.append(
        f"of {len(PRICES)} prices {sum(map(bool, read))} were read on a public page, {whole} of them for each of "
        f"{', '.join(REGIONS)}; look the others up before you rely on them"
    )
    return lines


def _counted(types: Any) -> str:
    return ", ".join(f"{name} ({number})" for name, number in sorted(types.items()))


def as_json(found: Estimate) -> dict[str, Any]:
    """The same for programs."""
    return {
        "regions": {
            region: {
                "usd": round(found.usd(region), 2),
                **{kind: round(found.usd(region, kind), 2) for kind in ("stands", "works", "used")},
                "own": round(found.usd(region, own=True), 2),
                "document": found.promised.get(region),
            }
            for region in found.regions
        },
        "usd": round(found.usd(), 2),
        "own": round(found.usd(own=True), 2),
        "unknown": dict(found.unknown),
        "without_price": dict(found.without_price),
        "by_use": dict(found.by_use),
    }
