"""The document with more regions is one that everything takes."""

from pathlib import Path

import pytest
import yaml

from bench.synthesis_of_products import GROWN_TO, with_regions
from topology_document import load


@pytest.mark.parametrize("count", GROWN_TO)
def test_the_quickstart_with_more_regions_is_a_topology(count: int, tmp_path: Path) -> None:
    document = tmp_path / "grown.yaml"
    document.write_text(yaml.safe_dump(with_regions(count)), encoding="utf-8")
    topology = load(document)
    assert len(topology.aws_regions) == count
    assert {len(database.regions) for database in topology.databases} == {count}
