"""One synthesis of the quickstart for all tests here, and a second one to compare it with."""

from pathlib import Path

import pytest

import topology_document
from failover.topology import Names, Topology
from tests.infrastructure.assembly import ROOT, Assembly, begin_synthesis, end_synthesis


@pytest.fixture(scope="session")
def topology() -> Topology:
    return topology_document.load(ROOT / "topologies" / "quickstart.yaml")


@pytest.fixture(scope="session")
def names(topology: Topology) -> Names:
    return Names(topology)


@pytest.fixture(scope="session")
def syntheses(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two syntheses in processes that differ in their hash seeds and their time zones."""
    first, second = (tmp_path_factory.mktemp(name) for name in ("first", "second"))
    running = [
        begin_synthesis(first, PYTHONHASHSEED="1", TZ="UTC"),
        begin_synthesis(second, PYTHONHASHSEED="2", TZ="Asia/Tokyo"),
    ]
    for code, said in [end_synthesis(each) for each in running]:
        assert code == 0, said
    return first, second


@pytest.fixture(scope="session")
def assembly(syntheses: tuple[Path, Path], names: Names) -> Assembly:
    return Assembly(syntheses[0], names)
