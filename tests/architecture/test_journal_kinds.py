"""The journal's table in docs/operating.md has every kind of line that the code writes, and no other."""

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from tests.pages import table

ROOT = Path(__file__).parents[2]
WRITERS = {"tell", "_tell", "JournalEntry", "_journal", "Outcome"}
"""What is told a kind: the journal's own words, and what a function hands on to them."""


def kinds_of(said: ast.expr, module: ast.Module) -> Iterator[str]:
    """The kinds that an argument may be; of one that is put together, a pattern of them."""
    match said:
        case ast.Constant(value=str(text)) if re.fullmatch("[A-Z][A-Z_]+", text):
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from kinds_of(one, module)
            yield from kinds_of(other, module)
        case ast.JoinedStr(values=parts):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in parts)
            if re.fullmatch("[A-Z_*]*[A-Z]{3}[A-Z_*]*", text):
                yield text
        case ast.Name(id=name):
            for node in ast.walk(module):
                if isinstance(node, ast.Assign):
                    yield from given(name, node, module)


def given(name: str, node: ast.Assign, module: ast.Module) -> Iterator[str]:
    (target,) = node.targets if len(node.targets) == 1 else (None,)
    if isinstance(target, ast.Name) and target.id == name:
        yield from kinds_of(node.value, module)
    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
        for each, value in zip(target.elts, node.value.elts, strict=True):
            if isinstance(each, ast.Name) and each.id == name:
                yield from kinds_of(value, module)


def written() -> set[str]:
    kinds = set()
    for path in (*(ROOT / "lambdas" / "failover").rglob("*.py"), *(ROOT / "cli").rglob("*.py")):
        module = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(module):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in WRITERS:
                    said = [*node.args, *(each.value for each in node.keywords if each.arg == "kind")]
                    kinds |= {kind for each in said for kind in kinds_of(each, module)}
    return kinds


def listed() -> set[str]:
    return {kind for row in table("operating", "## The journal") for kind in re.findall("`([A-Z_]+)`", row[0])}


def test_every_kind_that_is_written_is_listed() -> None:
    assert {kind for kind in written() if not any(fnmatchcase(each, kind) for each in listed())} == set()


def test_every_kind_that_is_listed_is_written() -> None:
    assert {each for each in listed() if not any(fnmatchcase(each, kind) for kind in written())} == set()
