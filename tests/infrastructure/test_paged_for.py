"""Whatever pages people is in the tables of docs/operating.md, with what it means and what to do."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from failover.decision import RULES, Action
from failover.procedures.closing import OUTCOMES
from tests.infrastructure.assembly import ROOT, Assembly, begin_synthesis, end_synthesis
from tests.infrastructure.kept import of_product
from tests.infrastructure.seen import seen
from tests.infrastructure.templates import properties
from tests.pages import table

ALARMS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
PRODUCTS = sorted(path.stem for path in (ROOT / "topologies").glob("*.yaml"))


def subjects() -> str:
    return "\n".join(row[0] for row in table("operating", "### Pages"))


def explained() -> list[str]:
    """The names of the alarms' table; ``…`` is the stack's name, and what is in angle brackets anything."""
    return [name for row in table("operating", "### Alarms") for name in re.findall(r"`(…-[^`]+)`", row[0])]


def pattern(name: str) -> str:
    parts = re.split(r"…|<[^>]+>", name)
    return ".+".join(map(re.escape, parts))


def paging(template: dict[str, Any]) -> Iterator[str]:
    """The names of a template's alarms that tell somebody."""
    for kind in ALARMS:
        for each in properties(template, kind):
            if each.get("AlarmActions"):
                yield str(each["AlarmName"])


def unexplained(templates: Iterator[dict[str, Any]]) -> list[str]:
    known = [pattern(name) for name in explained()]
    names = {name for template in templates for name in paging(template)}
    assert names
    return sorted(name for name in names if not any(re.fullmatch(each, name) for each in known))


def test_every_alarm_of_the_quickstart_is_explained(assembly: Assembly) -> None:
    assert unexplained(iter(assembly.templates.values())) == []


@pytest.mark.parametrize("product", ["fleet", "metro", "reviews", "triage"])
def test_every_alarm_on_observation_and_data_is_explained(product: str) -> None:
    observed = seen(product, "us-east-1" if product == "reviews" else None).templates
    assert unexplained(iter([*observed.values(), *of_product(product).values()])) == []


@pytest.mark.slow
def test_every_alarm_of_every_product_is_explained_and_nothing_else(tmp_path: Path) -> None:
    names = set()
    for product in PRODUCTS:
        into = tmp_path / product
        into.mkdir()
        code, said = end_synthesis(begin_synthesis(into, LIFEBOAT_TOPOLOGY=f"{ROOT}/topologies/{product}.yaml"))
        assert code == 0, said
        templates = [json.loads(file.read_text()) for file in into.glob("*.template.json")]
        assert unexplained(iter(templates)) == []
        names |= {name for template in templates for name in paging(template)}
    assert [each for each in explained() if not any(re.fullmatch(pattern(each), name) for name in names)] == []


def pages() -> list[ast.JoinedStr]:
    """The subject of every call of a pager in the functions' code."""
    found = []
    for path in (ROOT / "lambdas").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "page":
                assert isinstance(node.args[0], ast.JoinedStr), f"{path}: a subject that no test can read"
                found.append(node.args[0])
    return found


def test_every_page_s_subject_is_explained() -> None:
    assert len(pages()) > 5
    for subject in pages():
        said = [str(part.value) for part in subject.values if isinstance(part, ast.Constant)]
        like = ".+".join(map(re.escape, [part for part in said if part.strip(" :")]))
        assert re.search(like, subjects()), ast.unparse(subject)


def test_every_outcome_and_every_rule_that_pages_is_explained() -> None:
    wanted = {*OUTCOMES.values(), *(rule.id for rule in RULES if rule.action in (Action.PAGE, Action.ASK))}
    assert {each for each in wanted if each not in subjects()} == set()


def test_every_row_says_what_to_do() -> None:
    for heading in ("### Pages", "### Alarms"):
        for row in table("operating", heading):
            assert len(row) == 3, row
            assert re.match(r"[a-z]+\b", row[2]), row
