"""The wiring makes everything when it is first needed, and nothing before."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from failover.environments import OpenIncidentEnvironment
from failover.topology import compiled
from runtime import wiring
from tests.products import EU, quickstart

ROOT = Path(__file__).parents[3]
STEPS = sorted(path.parent.name for path in (ROOT / "lambdas").glob("*/handler.py"))
HEAVY = ("boto3", "pg8000", "pydantic")


@pytest.fixture
def fresh() -> None:
    """No other test's wiring is left, and none is left for others."""
    for made in (wiring.topology, wiring.here, wiring.ports, wiring.lever, wiring.database_desk, wiring.guard_ports):
        made.cache_clear()


def test_importing_every_step_makes_no_client_and_reads_no_topology() -> None:
    """A cold start pays for what it uses; and a function whose variables are wrong says so when it is called."""
    script = (
        "import importlib, json, sys\n"
        f"for step in {STEPS!r}: importlib.import_module(step + '.handler')\n"
        "from runtime import wiring\n"
        f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))\n"
        "print(wiring.ports.cache_info().currsize, wiring.topology.cache_info().currsize)\n"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LIFEBOAT_"))}
    told = subprocess.run(
        [sys.executable, "-c", script],
        env={**kept, "PYTHONPATH": str(ROOT / "lambdas"), "POWERTOOLS_TRACE_DISABLED": "true"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    loaded, made = told.stdout.splitlines()
    assert json.loads(loaded) == []
    assert made == "0 0"


def test_the_topology_is_the_one_in_the_asset(fresh: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "topology.json").write_text(json.dumps(compiled(quickstart())), "utf-8")
    monkeypatch.setattr(wiring, "TOPOLOGY_FILE", tmp_path / "topology.json")
    assert wiring.topology() == quickstart()
    wiring.topology.cache_clear()


def test_the_world_of_a_step_is_its_own_region(fresh: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "topology.json").write_text(json.dumps(compiled(quickstart())), "utf-8")
    monkeypatch.setattr(wiring, "TOPOLOGY_FILE", tmp_path / "topology.json")
    monkeypatch.setenv("AWS_REGION", EU)
    ports = wiring.ports()
    assert ports.here == EU
    assert wiring.ports() is ports, "made once for the life of the execution environment"
    for made in (wiring.topology, wiring.here, wiring.ports):
        made.cache_clear()


def test_a_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIFEBOAT_QUORUM_TABLE", raising=False)
    with pytest.raises(KeyError, match="LIFEBOAT_QUORUM_TABLE"):
        wiring.environment(OpenIncidentEnvironment)
