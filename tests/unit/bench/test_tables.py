"""What is printed and written: numbers beside their targets, and documents whose own words stay."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.markdown import rendered
from bench.numbers import Ground, Judged, MeasurementError, Number, Table, Target
from bench.page import replace_measured
from bench.surroundings import Surroundings

QUIET = Surroundings(
    {"cores": 2, "processor": "AMD EPYC", "system": "Linux 6", "python": "3.11.7"},
    0.4,
    datetime(2026, 1, 1, tzinfo=UTC),
)


def table(*numbers: Number) -> Table:
    return Table("steps", "imports", Ground.ALONE, numbers, ("A remark.",))


def test_a_target_speaks_of_the_median_or_of_the_worst() -> None:
    samples = (100.0, 200.0, 400.0)
    assert Target(200, Judged.MEDIAN).met(Number("import", samples, "ms"))
    assert not Target(200, Judged.WORST).met(Number("import", samples, "ms"))


def test_where_more_is_better_the_least_is_the_worst() -> None:
    rate = Number("failovers", (100.0, 40.0), "/s", more_is_better=True)
    assert rate.worst == 40
    assert not Target(50, floor=True).met(rate)
    assert Target(50, Judged.MEDIAN, floor=True).met(rate)


def test_a_number_that_was_never_measured_is_refused() -> None:
    with pytest.raises(MeasurementError, match="import: no sample"):
        Number("import", (), "ms")


def test_a_missed_target_is_said_beside_its_number_and_the_machine_above() -> None:
    text = rendered(table(Number("import", (400.0,), "ms", Target(350, Judged.MEDIAN))), QUIET)
    assert "2 cores of AMD EPYC, Linux 6, Python 3.11.7; load 0.4 when it began; 2026-01-01" in text
    (row,) = (line for line in text.splitlines() if line.startswith("| import"))
    assert "≤ 350 ms (median)" in row
    assert "**missed**" in row


def test_a_busy_machine_is_said() -> None:
    assert "busy with other work" in Surroundings(QUIET.machine, 4.0, QUIET.at).told()


def test_only_what_stands_between_its_markers_is_replaced(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text(
        "before\n<!-- measured: steps -->\nold\n<!-- end of steps -->\nbetween\n"
        "<!-- measured: gate -->\nkept\n<!-- end of gate -->\nafter\n",
        encoding="utf-8",
    )
    replace_measured(document, "steps", r"new \1")
    text = document.read_text(encoding="utf-8")
    assert "old" not in text
    assert r"new \1" in text
    assert all(word in text for word in ("before", "between", "kept", "after"))
    replace_measured(document, "steps", r"new \1")
    assert document.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("text", ["no markers", "<!-- measured: steps --><!-- end of steps -->" * 2])
def test_a_document_without_one_place_for_it_is_refused_and_left_alone(tmp_path: Path, text: str) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text(text, encoding="utf-8")
    with pytest.raises(MeasurementError, match="<!-- measured: steps -->"):
        replace_measured(document, "steps", "new")
    assert document.read_text(encoding="utf-8") == text


def test_an_unknown_name_is_told_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fail-over"]) == 2
    assert "fail-over: nothing here measures that; choose from decide, " in capsys.readouterr().err


def test_nothing_is_measured_that_could_not_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["failover", "--write", str(tmp_path / "missing.md")]) == 1
    said = capsys.readouterr()
    assert "missing.md: no such document" in said.err
    assert said.out == ""
