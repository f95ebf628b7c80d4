"""docs/coverage.md names files and tests that are there, for every line of every product's document."""

import re
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "coverage.md").read_text("utf-8")
FILE = re.compile(r"(?<![\w/.*-])[\w.*/-]*[\w*-]\.(?:py|yaml|json|md|sql|asl\.json)\b")
TEST = re.compile(r"::(\w+)")


def files() -> list[str]:
    """Everything that is kept, as git knows it, with what is not committed yet."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    return told.stdout.split() or [str(path.relative_to(ROOT)) for path in ROOT.rglob("*.*")]


FILES = files()


def rows() -> Iterator[tuple[str, list[str]]]:
    product = ""
    for line in PAGE.splitlines():
        if line.startswith("## "):
            product = line.removeprefix("## ").partition(":")[0]
        elif line.startswith("| ") and not line.startswith(("| requirement", "| ---")):
            yield product, [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


ROWS = list(rows())


def found(name: str) -> list[str]:
    """The files that a page's short name means: a path, its end, or a pattern of either."""
    return [each for each in FILES if fnmatch(each, name) or fnmatch(each, f"*/{name}")]


@pytest.mark.parametrize("product", ["fleet", "haven", "metro", "triage", "reviews"])
def test_each_product_has_its_lines(product: str) -> None:
    assert len([row for name, row in ROWS if name == product]) >= 30


@pytest.mark.parametrize(("product", "row"), ROWS, ids=lambda part: part if isinstance(part, str) else part[0][:60])
def test_a_line_says_where_it_is_and_what_shows_it(product: str, row: list[str]) -> None:
    assert len(row) == 3, product
    assert all(row), f"{product}: an empty cell"
    assert not re.search(r"\b(planned|to ?do|later|not yet)\b", " ".join(row), re.IGNORECASE)


@pytest.mark.parametrize("row", [row for _, row in ROWS], ids=lambda row: row[0][:60])
def test_what_a_line_names_is_there(row: list[str]) -> None:
    for cell in row[1:]:
        last: list[str] = []
        for part in re.split(r"[;,\s()`]+", cell):
            named = FILE.search(part)
            if named is not None:
                last = found(named[0])
                assert last, f"{named[0]}: there is no such file"
            for test in TEST.findall(part):
                texts = [(ROOT / each).read_text("utf-8") for each in last]
                assert any(f"def {test}(" in text or f"class {test}:" in text for text in texts), (
                    f"{test} is in none of {last}"
                )
