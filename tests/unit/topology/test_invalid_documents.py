"""Each file in tests/topologies/invalid holds one kind of mistake, and says above it what must be said of it.

An ``# expect:`` line is a whole line of the error without the file's name; ``…`` stands for any text.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from topology_document import TopologyError, load
from topology_document.checks import MISTAKES, Check
from topology_document.document import TopologyDocument
from topology_document.findings import Finding

INVALID = Path(__file__).parents[2] / "topologies" / "invalid"
FILES = sorted(INVALID.glob("*.yaml"))
MARK = "# expect: "


def expected(file: Path) -> list[str]:
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]


@cache
def refusal(file: Path) -> TopologyError:
    with pytest.raises(TopologyError) as caught:
        load(file)
    return caught.value


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_mistake_is_said_with_its_place_value_and_fix(file: Path) -> None:
    said = str(refusal(file)).split("\n")
    wanted = expected(file)
    assert wanted, "the file must say what it expects"
    assert len(said) == len(wanted), said
    for line, want in zip(said, wanted, strict=True):
        pattern = ".*".join(re.escape(part) for part in f"{file}: {want}".split("…"))
        assert re.fullmatch(pattern, line), line


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_line_of_a_refusal_has_a_value_what_is_allowed_and_a_fix(file: Path) -> None:
    for mistake in refusal(file).mistakes:
        assert mistake.got
        assert mistake.allowed
        assert mistake.fix
        assert "\n" not in mistake.line(str(file))


def test_every_check_of_the_table_is_met_by_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    met: set[str] = set()

    def noted(check: Check) -> Check:
        def find(document: TopologyDocument) -> Iterator[Finding]:
            for finding in check.find(document):
                met.add(check.find.__name__)
                yield finding

        return replace(check, find=find)

    monkeypatch.setattr("topology_document.loader.MISTAKES", tuple(map(noted, MISTAKES)))
    for file in FILES:
        with pytest.raises(TopologyError):
            load(file)
    assert met == {check.find.__name__ for check in MISTAKES}


def test_there_is_a_file_for_every_kind_of_mistake_that_people_make() -> None:
    assert len(FILES) >= 90
    assert len({tuple(expected(file)) for file in FILES}) >= 90
