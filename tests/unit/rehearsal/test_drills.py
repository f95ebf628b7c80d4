"""The drills in drills/ are well formed, fit the quickstart, and each says what must not happen."""

from pathlib import Path

import pytest

from rehearsal.form import Action, Scenario, When, fitted, read_scenario
from rehearsal.form.events import EVENT_KINDS, Written
from rehearsal.form.expectations import AFTERWARDS, Expectation
from rehearsal.form.faults import FAULTS, MAY_BE, Amiss, Failing, Invoked, Slowed, Source, Spoiled, Underway
from rehearsal.form.operations import OPERATIONS
from rehearsal.form.timings import Timings, with_timings
from rehearsal.schema import PLACE, written
from tests.unit.rehearsal.fake_stage import TOPOLOGY
from topology_document import load

ROOT = Path(__file__).parents[3]
DRILLS = sorted((ROOT / "drills").glob("*.yaml"))
DOCUMENT = (ROOT / "docs" / "drills.md").read_text(encoding="utf-8")


def test_there_is_a_drill_for_each_claim() -> None:
    assert {path.stem for path in DRILLS} >= {
        "region-down",
        "region-returns",
        "observer-blind",
        "blip",
        "lagging-replica",
        "promotion-fails",
        "guard-dies",
    }


@pytest.fixture(params=DRILLS, ids=lambda path: path.stem)
def drill(request: pytest.FixtureRequest) -> Scenario:
    return read_scenario(request.param)


def test_a_drill_fits_its_topology(drill: Scenario) -> None:
    assert fitted(drill, load(ROOT / "topologies" / f"{drill.topology}.yaml")) is drill


def test_a_drill_says_what_must_not_happen(drill: Scenario) -> None:
    assert any(step.action is Action.NEVER for step in drill.steps)
    assert any(step.when is When.UNTIL and step.action is Action.EXPECT for step in drill.steps)


def test_a_drill_holds_the_invariants_to_account(drill: Scenario) -> None:
    assert any("invariants" in step.words.said() for step in drill.steps if step.words is not None)


def test_a_drill_is_named_in_the_document(drill: Scenario) -> None:
    assert f"`{drill.name}`" in DOCUMENT


def test_region_down_is_played_in_75_seconds_with_route_53_down() -> None:
    drill = read_scenario(ROOT / "drills" / "region-down.yaml")
    marks = {"lost": 5.0, "dark": 7.0, "served": 70.0}
    ends = [step.seconds + marks.get(step.after or "", 0.0) for step in drill.steps]
    assert max(ends) <= 75
    assert drill.steps[0].asked() == "fault api_down route53"
    assert not any(step.action is Action.HEAL for step in drill.steps)


@pytest.mark.parametrize(
    "word", [*FAULTS, *OPERATIONS, *Expectation.model_fields, *When, *Action, *Timings.model_fields]
)
def test_the_document_tells_every_word(word: str) -> None:
    assert f"`{word}`" in DOCUMENT


@pytest.mark.parametrize("kind", [*FAULTS.values(), *OPERATIONS.values()], ids=lambda kind: kind.__name__)
def test_the_document_tells_every_argument(kind: type) -> None:
    row = next(line for line in DOCUMENT.splitlines() if line.startswith(f"| `{kind.kind}`"))  # type: ignore[attr-defined]
    for name, field in kind.model_fields.items():  # type: ignore[attr-defined]
        assert f"`{field.alias or name}`" in row


def test_the_document_tells_every_choice() -> None:
    assert all(f"`{word}`" in DOCUMENT for word in [*Failing, *Slowed, *Spoiled, *Invoked, *Underway, *AFTERWARDS])
    assert all(f"`{word}`" in DOCUMENT for word in [*EVENT_KINDS, *Written, "upon", "nth"])


@pytest.mark.parametrize("source", Source)
def test_the_document_tells_what_can_be_amiss_with_the_answers_of_each_source(source: Source) -> None:
    told = next(line for line in DOCUMENT.splitlines() if line.startswith(f"| `{source}`")).split("|")[2:-1]
    columns = [Amiss.STALE, Amiss.PARTIAL, Amiss.WRONG]
    assert [how for how, text in zip(columns, told, strict=True) if text.strip()] == [
        how for how in MAY_BE[source] if how is not Amiss.LATE
    ]


def test_the_schema_in_the_repository_is_the_form() -> None:
    assert PLACE.read_text(encoding="utf-8") == written(), "run: python -m rehearsal.schema"


def test_a_scenarios_times_replace_the_topologys() -> None:
    timings = Timings.model_validate(
        {"probe": "1s", "lease": "8s", "dwell": "2s", "ttl": "5s", "rpo": "30s", "misses": 2}
    )
    played = with_timings(TOPOLOGY, timings)
    assert (played.observation.probe_seconds, played.observation.misses) == (1, 2)
    assert (played.lease.lease_seconds, played.lease.renew_seconds) == (8, TOPOLOGY.lease.renew_seconds)
    assert (played.policy.dwell_seconds, played.routes[0].ttl_seconds) == (2, 5)
    assert (played.databases[0].rpo_seconds, played.targets.rpo_seconds) == (30, 30)
    assert with_timings(TOPOLOGY, Timings()) == TOPOLOGY
