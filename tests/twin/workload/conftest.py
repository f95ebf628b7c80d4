from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.twin.workload.world import EU, US, World, eventually, running


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world of the whole module, in which us-east-1 is to stay the only primary."""
    with running(tmp_path_factory.mktemp("world")) as world:
        yield world


@pytest.fixture
def epoch(world: World) -> int:
    """The gate of us-east-1 is open, and the replica knows it; the epoch is new in every test."""
    world.gate(US).install()
    admitted = world.gate(US).describe().gate_epoch + 1
    world.admit(US, admitted)
    eventually(lambda: world.servers[EU].positions().replayed >= world.servers[US].positions().received)
    return admitted
