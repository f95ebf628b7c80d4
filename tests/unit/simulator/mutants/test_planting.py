"""How a bug is planted, and that nothing of it stays."""

import tempfile
from pathlib import Path

import pytest

from simulator.mutants import Edit, Mutant, MutantError, mutants, planted
from simulator.mutants.planting import ROOT

CODE = """def one(value):
    if value:
        return 1
    return 2


def two(value):
    while value:
        if value:
            return 1
        return 3
"""


def edit(find: str, put: str = "pass") -> Edit:
    return Edit("code.py", find, put)


def test_a_part_of_a_line_is_replaced_where_it_stands() -> None:
    assert edit("return 3", "return 4").applied(CODE) == CODE.replace("return 3", "return 4")


def test_several_lines_are_found_at_whatever_indentation_and_get_it_again() -> None:
    put = "if not value:\n    return 1\nreturn 3"
    assert edit("if value:\n    return 1\nreturn 3", put).applied(CODE) == CODE.replace(
        "        if value:\n            return 1\n        return 3",
        "        if not value:\n            return 1\n        return 3",
    )


def test_lines_that_are_put_for_a_part_of_one_get_the_indentation_of_that_line() -> None:
    assert edit("return 3", "value -= 1\nreturn 3").applied(CODE).endswith("        value -= 1\n        return 3\n")


def test_lines_may_begin_deeper_than_they_end() -> None:
    text = '      {\n        "Next": "A"\n      }\n    ],\n    "Next": "B"\n'
    found = Edit("one.json", '    "Next": "A"\n  }\n],\n"Next": "B"', '    "Next": "C"\n  }\n],\n"Next": "B"').applied(
        text
    )
    assert found == text.replace('"A"', '"C"')


@pytest.mark.parametrize("find", ["return 5", "return 1", "if value:\n    return 1", "def one(value):\n  if value:"])
def test_what_is_not_there_exactly_once_cannot_be_planted(find: str) -> None:
    with pytest.raises(MutantError, match="must be once"):
        edit(find).applied(CODE)


def test_what_is_twice_in_one_line_cannot_be_planted() -> None:
    with pytest.raises(MutantError, match="2 times"):
        edit("value").applied("return value, value\n")


def test_several_edits_of_one_file_are_all_in_it(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text(CODE, "utf-8")
    both = Mutant("both", "two edits", (edit("return 2", "return 4"), edit("return 3", "return 5")))
    assert both.texts(tmp_path) == {"code.py": CODE.replace("return 2", "return 4").replace("return 3", "return 5")}


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("- {name: a, plants: b, file: c, find: d, putt: e}", "'putt' is no field"),
        ("- {name: a, plants: b, file: c, find: d}", "lacks 'put'"),
        ("- &a {name: a, plants: b, file: c, find: d, put: e}\n- *a", "two mutants of one name"),
    ],
)
def test_a_mutant_that_is_written_wrongly_says_so(tmp_path: Path, entry: str, told: str) -> None:
    (tmp_path / "some.yaml").write_text(entry, "utf-8")
    with pytest.raises(MutantError, match=told):
        mutants(tmp_path)


def test_a_tree_runs_its_own_code_and_nothing_stays_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    lie = Edit("lambdas/failover/decision/loss.py", "return None", "return 0.0")
    before = (ROOT / lie.file).read_text("utf-8")
    with planted(Mutant("lie", "an unknown loss is none", (lie,))) as tree:
        (tree.folder / "simulator/asked.py").write_text(
            "import failover.decision.loss as loss, rehearsal, topology_document, open_incident.handler as step\n"
            "print(*(each.__file__ for each in (loss, rehearsal, topology_document, step)))\n"
            "print('return 0.0' in open(loss.__file__).read())\n",
            "utf-8",
        )
        ended = tree.run("simulator.asked", [], seconds=60)
        assert ended.returncode == 0, ended.stderr
        *places, lies = ended.stdout.split()
        assert all(each.startswith(str(tree.folder)) for each in places)
        assert lies == "True"
    assert list(tmp_path.iterdir()) == []
    assert (ROOT / lie.file).read_text("utf-8") == before


def test_a_mutant_that_does_not_fit_leaves_no_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    unfit = Mutant("unfit", "nothing", (Edit("lambdas/failover/decision/loss.py", "no such line", "pass"),))
    with pytest.raises(MutantError), planted(unfit):
        raise AssertionError
    assert list(tmp_path.iterdir()) == []
