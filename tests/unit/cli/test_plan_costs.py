"""``lifeboat plan`` says what a month costs, where the document says what it may."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import costing
from cli.main import app
from costs import Estimate, Placed, estimate
from failover.topology import Topology
from simulator.estimates import Run
from simulator.estimates.playing import Plays
from tests.unit.simulator.estimates import reckoned
from topology_document import load_whole

TOPOLOGIES = Path(__file__).parents[3] / "topologies"


@pytest.fixture(autouse=True)
def _reckoned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reckon every play from the topology, and the month from two resources that cannot be overlooked."""

    def playing(_plays: Plays, topology: Topology, seeds: Sequence[int]) -> Iterator[Run]:
        return (reckoned.run(topology, seed) for seed in seeds)

    def small(document: Path) -> Estimate:
        topology, infrastructure = load_whole(document)
        resources = {"Cluster": {"Type": "AWS::EKS::Cluster"}, "Moon": {"Type": "AWS::GroundStation::Antenna"}}
        return estimate(topology, [Placed("us-east-1", "regional", {"Resources": resources})], infrastructure.costs)

    monkeypatch.setattr(Plays, "__call__", playing)
    monkeypatch.setattr(costing, "cost_of", small)


def planned(*words: str) -> str:
    return CliRunner().invoke(app, ["plan", *words, "--plays", "2", "--jobs", "1"], env={"COLUMNS": "200"}).output


def test_the_estimate_stands_beside_the_document_s_figure() -> None:
    said = planned(str(TOPOLOGIES / "reviews.yaml"))
    (line,) = [each for each in said.splitlines() if "us-east-1" in each and "12,000" in each]
    assert "-" in line, "it says by how much they differ"
    assert "26,000" in said
    assert "Lifeboat's own share" in said


def test_what_has_no_price_is_said() -> None:
    assert "AWS::GroundStation::Antenna" in planned(str(TOPOLOGIES / "reviews.yaml"))


def test_a_document_that_says_nothing_of_costs_is_asked_for() -> None:
    quickstart = str(TOPOLOGIES / "quickstart.yaml")
    assert "own share, all regions" not in planned(quickstart)
    assert "own share, all regions" in planned(quickstart, "--costs")
    assert "own share, all regions" not in planned(str(TOPOLOGIES / "reviews.yaml"), "--no-costs")


def test_programs_get_the_same_numbers() -> None:
    told = json.loads(planned(str(TOPOLOGIES / "reviews.yaml"), "--json"))
    assert told["costs"]["regions"]["eu-west-1"]["document"] == 8000
    assert told["costs"]["unknown"] == {"AWS::GroundStation::Antenna": 1}


def test_an_assembly_says_for_which_region_each_template_is(tmp_path: Path) -> None:
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://111122223333/eu-west-1",
        "properties": {"templateFile": "one.template.json"},
    }
    (tmp_path / "manifest.json").write_text(
        json.dumps({"artifacts": {"one": stack, "assets": {"type": "cdk:asset-manifest"}}})
    )
    (tmp_path / "one.template.json").write_text('{"Resources": {}}')
    assert costing.templates_of(tmp_path) == [Placed("eu-west-1", "one", {"Resources": {}})]
