"""What the pages of docs say, for tests that hold them to it."""

import re
from collections.abc import Sequence
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text("utf-8")


def block(name: str, mark: str) -> str:
    """Return the code behind ``<!-- mark -->`` on a page."""
    found = re.search(rf"^<!-- {re.escape(mark)} -->\n```\w+\n(.*?)^```$", page(name), re.DOTALL | re.MULTILINE)
    assert found is not None, f"docs/{name}.md has no block {mark!r}"
    return found[1]


def table(name: str, heading: str) -> Sequence[Sequence[str]]:
    """Return the rows of the first table below a heading, without its head."""
    below = page(name).split(f"\n{heading}\n", 1)[1]
    rows = re.search(r"(?:^\|.*\n?)+", below, re.MULTILINE)
    assert rows is not None, f"docs/{name}.md has no table below {heading!r}"
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows[0].splitlines()[2:]]
