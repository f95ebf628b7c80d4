"""A deployment as it is read before it is done: in which order, and what a change set really says."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.deployment.assembly import Stack, chosen, in_order, stacks_of
from cli.deployment.described import changes_of
from cli.deployment.table import rows_of
from cli.times import duration
from failover.errors import RequestInvalidError
from failover.procedures.deploy_guard import Action
from tests.products import AP, EU, US
from tests.unit.deploy_guard.deployments import STACK, replica, template


def stack(layer: str, region: str, *after: str) -> Stack:
    return Stack(f"{layer}-{region}", layer, region, None, frozenset(after), {})


STACKS = [
    stack("deploy-guard", US, f"global-{US}"),
    stack("control", EU, f"regional-{US}"),
    stack("regional", EU, f"quorum-{US}", f"regional-{US}"),
    stack("global", US, f"regional-{US}", f"regional-{EU}", f"regional-{AP}"),
    stack("regional", US, f"quorum-{US}"),
    stack("control", US, f"regional-{US}"),
    stack("regional", AP, f"quorum-{US}", f"regional-{US}"),
    stack("zone", US),
    stack("quorum", US, f"zone-{US}"),
]


@pytest.mark.parametrize("writer", [US, EU, AP])
def test_what_is_there_is_changed_where_nobody_writes_first(writer: str) -> None:
    ordered = [each.name for each in in_order(STACKS, {writer}, primary_first=False)]
    regional = [name for name in ordered if name.startswith("regional-")]
    assert regional[-1] == f"regional-{writer}"
    assert ordered[:2] == [f"zone-{US}", f"quorum-{US}"]
    assert ordered[-2:] == [f"global-{US}", f"deploy-guard-{US}"]
    assert ordered.index(f"regional-{EU}") < ordered.index(f"control-{EU}")


def test_what_is_new_is_made_after_its_source() -> None:
    ordered = [each.name for each in in_order(STACKS, {US}, primary_first=True)]
    assert ordered.index(f"regional-{US}") < min(ordered.index(f"regional-{EU}"), ordered.index(f"regional-{AP}"))
    assert ordered[-1] == f"deploy-guard-{US}"
    assert sorted(ordered) == sorted(each.name for each in STACKS)


AREAS = [
    stack("data", EU, f"global-{US}"),
    stack("data", US, f"global-{US}"),
    stack("copies", EU, f"data-{US}", f"data-{EU}"),
    stack("log-way", EU, f"logs-{EU}"),
    stack("logs", EU, f"global-{US}"),
]


@pytest.mark.parametrize("new", [{each.name for each in AREAS}, set[str]()])
@pytest.mark.parametrize("writer", [US, EU])
def test_a_section_that_is_added_is_made_and_changed_after_what_it_needs(writer: str, new: set[str]) -> None:
    ordered = [each.name for each in in_order([*AREAS, *STACKS], {writer}, primary_first=False, new=new)]
    assert ordered.index(f"copies-{EU}") > max(ordered.index(f"data-{US}"), ordered.index(f"data-{EU}"))
    assert ordered.index(f"log-way-{EU}") > ordered.index(f"logs-{EU}") > ordered.index(f"global-{US}")
    assert [name for name in ordered if name.startswith("regional-")][-1] == f"regional-{writer}"
    assert [name for name in ordered if name.startswith("data-")][-1] == f"data-{writer}"
    assert ordered[-1] == f"deploy-guard-{US}"


def test_a_region_that_is_added_follows_its_source_and_what_needs_it_follows_the_region() -> None:
    ordered = [each.name for each in in_order(STACKS, {EU}, primary_first=False, new={f"regional-{AP}"})]
    assert ordered.index(f"regional-{US}") < ordered.index(f"regional-{AP}") < ordered.index(f"global-{US}")
    assert ordered.index(f"regional-{US}") < ordered.index(f"regional-{EU}")


def test_a_stack_waits_for_what_its_stacks_wait_for(tmp_path: Path) -> None:
    """The one between them may have no changes, and then is not deployed."""
    (tmp_path / "any.json").write_text("{}")
    artifacts = {
        name: {
            "type": "aws:cloudformation:stack",
            "environment": f"aws://111122223333/{US}",
            "properties": {"templateFile": "any.json"},
            "dependencies": [*after, f"{name}.assets"],
        }
        for name, after in {"backup": ["global"], "global": ["regional"], "regional": []}.items()
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    assert stacks_of(tmp_path)["backup"].after == {"global", "regional"}


def test_a_part_is_ordered_without_what_it_waits_for() -> None:
    part = [each for each in STACKS if each.layer == "regional" and each.region != US]
    assert {each.name for each in in_order(part, {US}, primary_first=True)} == {f"regional-{EU}", f"regional-{AP}"}


def test_an_unknown_stack_is_told_with_what_there_is() -> None:
    with pytest.raises(RequestInvalidError, match=r"got nothing; this topology has .*control-eu-west-1"):
        chosen({each.name: each for each in STACKS}, ["nothing"])


def modify(*details: dict[str, Any], name: str = "Orders", kind: str = "AWS::RDS::DBInstance", **more: Any) -> Any:
    told = {"Action": "Modify", "LogicalResourceId": name, "ResourceType": kind, "Replacement": "False"}
    return {**told, "Details": list(details), **more}


def detail(name: str, source: str = "DirectModification", cause: str = "", recreation: str = "Never") -> dict[str, Any]:
    target = {"Attribute": "Properties", "Name": name, "RequiresRecreation": recreation}
    return {"Target": target, "Evaluation": "Dynamic", "ChangeSource": source, "CausingEntity": cause}


KEY = detail("KmsKeyId", "ResourceAttribute", "Key.Arn", "Always")
SAME = template(Orders=replica())


def test_a_reference_to_what_is_changed_in_place_leads_to_the_same_thing() -> None:
    described = [
        modify(KEY, Replacement="Conditional"),
        modify(detail("KeyPolicy"), name="Key", kind="AWS::KMS::Key"),
    ]
    database, _ = changes_of(STACK, described, SAME, SAME)
    assert (database.action, database.changed) == (Action.MODIFY, ())


def test_a_reference_to_what_is_replaced_does_not() -> None:
    described = [
        modify(KEY, Replacement="Conditional"),
        modify(detail("KeySpec", recreation="Always"), name="Key", kind="AWS::KMS::Key", Replacement="True"),
    ]
    database, key = changes_of(STACK, described, SAME, SAME)
    assert database.turning == ("KmsKeyId",)
    assert key.action is Action.REPLACE


def test_what_a_change_set_calls_a_replacement_is_one() -> None:
    (change,) = changes_of(STACK, [modify(detail("Anything"), Replacement="True")], SAME, SAME)
    assert change.action is Action.REPLACE


@pytest.mark.parametrize(
    ("action", "expected"), [("Add", Action.ADD), ("Import", Action.ADD), ("Remove", Action.REMOVE)]
)
def test_additions_and_removals_know_what_they_are_about(action: str, expected: Action) -> None:
    described = [{"Action": action, "LogicalResourceId": "Orders", "ResourceType": "AWS::RDS::DBInstance"}]
    before, after = ({}, SAME) if expected is Action.ADD else (SAME, {})
    (change,) = changes_of(STACK, described, before, after)
    assert (change.action, change.name) == (expected, "quickstart-orders-eu-west-1")
    assert change.data is not None


def test_an_action_that_nobody_knows_is_taken_for_the_worst() -> None:
    (change,) = changes_of(STACK, [{**modify(), "Action": "Dynamic"}], SAME, SAME)
    assert change.action is Action.REPLACE


def test_a_policy_that_only_the_templates_tell_is_seen() -> None:
    loose = template(Orders={**replica(), "DeletionPolicy": "Delete"})
    (change,) = changes_of(STACK, [modify(Details=[])], SAME, loose)
    assert change.turning == ("DeletionPolicy",)


@pytest.mark.parametrize(("policy", "turning"), [("Retain", ()), ("Delete", ("DeletionPolicy",))])
def test_a_policy_counts_as_the_templates_have_it(policy: str, turning: tuple[str, ...]) -> None:
    told = modify({"Target": {"Attribute": "DeletionPolicy", "RequiresRecreation": "Never"}})
    (change,) = changes_of(STACK, [told], SAME, template(Orders={**replica(), "DeletionPolicy": policy}))
    assert change.turning == turning


def test_rows_are_for_programs() -> None:
    (row,) = rows_of({STACK: changes_of(STACK, [modify(detail("MultiAZ"))], SAME, SAME)})
    assert (row["action"], row["data"], row["changed"]) == ("modify", "database", ["MultiAZ"])


@pytest.mark.parametrize(("text", "minutes"), [("30m", 30), ("2h", 120), ("45", 45)])
def test_a_duration_is_read(text: str, minutes: int) -> None:
    assert duration(text) == timedelta(minutes=minutes)


def test_another_text_is_no_duration() -> None:
    with pytest.raises(RequestInvalidError, match="got 'soon'"):
        duration("soon")
