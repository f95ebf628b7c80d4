"""What a deployment may do: the ordinary always but in an incident, the rest only by an override that counts."""

from dataclasses import replace
from typing import Any

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER
from hypothesis import given
from hypothesis import strategies as st

from failover.procedures.deploy_guard import KEPT, Action, Change, differences, judge_change, judge_changes
from failover.procedures.deploy_guard.judging import Reading
from failover.records import IncidentState
from tests.unit.deploy_guard.deployments import NOW, STACK, bucket, incident, override, replica, template

BEFORE = template(Orders=replica(), Objects=bucket(), Topic={"Type": "AWS::SNS::Topic"})


def refusals(after: dict[str, Any], *words: Any, before: dict[str, Any] = BEFORE, opened: Any = None) -> list[str]:
    judged = judge_changes(STACK, differences(STACK, before, after), Reading(opened, words, NOW))
    return [verdict.reason for verdict in judged if not verdict.allowed]


FORBIDDEN = {
    "removed": template(Objects=bucket(), Topic={"Type": "AWS::SNS::Topic"}),
    "its source taken out": BEFORE
    | template(**BEFORE["Resources"] | {"Orders": replica(SourceDBInstanceIdentifier=None)}),
    "another source": BEFORE
    | template(**BEFORE["Resources"] | {"Orders": replica(SourceDBInstanceIdentifier="other")}),
    "renamed": BEFORE | template(**BEFORE["Resources"] | {"Orders": replica(DBInstanceIdentifier="other")}),
    "another engine": BEFORE | template(**BEFORE["Resources"] | {"Orders": replica(Engine="mysql")}),
    "unprotected": BEFORE | template(**BEFORE["Resources"] | {"Orders": replica(DeletionProtection=False)}),
    "to be deleted": BEFORE | template(**BEFORE["Resources"] | {"Orders": {**replica(), "DeletionPolicy": "Delete"}}),
    "another type": BEFORE | template(**BEFORE["Resources"] | {"Orders": {"Type": "AWS::SNS::Topic"}}),
    "under another logical id": template(Other=replica(), Objects=bucket(), Topic={"Type": "AWS::SNS::Topic"}),
}


@pytest.mark.parametrize("after", FORBIDDEN.values(), ids=FORBIDDEN)
def test_what_takes_away_or_turns_a_database_is_refused_and_says_the_fix(after: dict[str, Any]) -> None:
    (reason,) = refusals(after)
    assert f"{STACK}/Orders" in reason
    assert f"lifeboat override {STACK}/Orders --reason" in reason


@pytest.mark.parametrize("after", FORBIDDEN.values(), ids=FORBIDDEN)
def test_an_override_lets_exactly_its_resource_pass_for_its_time(after: dict[str, Any]) -> None:
    assert not refusals(after, override(f"{STACK}/Orders"))
    assert refusals(after, override(f"{STACK}/Objects"))
    assert refusals(after, override(STACK))
    assert refusals(after, override(f"{STACK}/Orders", minutes=0))
    assert refusals(after, replace(override(f"{STACK}/Orders"), refuses=True))


def test_the_source_property_has_a_reason_of_its_own() -> None:
    (reason,) = refusals(FORBIDDEN["its source taken out"])
    assert "SourceDBInstanceIdentifier" in reason
    assert "a writer is moved by a failover or a switchover" in reason


def test_what_keeps_the_data_is_nobodys_business() -> None:
    larger = BEFORE["Resources"] | {"Orders": replica(DBInstanceClass="db.r6g.xlarge", MultiAZ=True)}
    assert not refusals(template(**larger, New=replica(DBInstanceIdentifier="new")))
    assert not refusals(template(Orders=replica(), Objects=bucket()))


@pytest.mark.parametrize(("was", "will"), [("Retain", "RetainExceptOnCreate"), ("RetainExceptOnCreate", "Retain")])
def test_two_words_that_differ_before_a_resource_is_made_are_one_for_what_is_there(was: str, will: str) -> None:
    before, after = (template(Orders={**replica(), "DeletionPolicy": word}) for word in (was, will))
    assert not refusals(after, before=before)
    assert refusals(template(), before=before)
    assert refusals(template(Orders={**replica(), "DeletionPolicy": "Snapshot"}), before=before)


def test_nothing_changes_while_an_incident_is_open() -> None:
    after = template(**BEFORE["Resources"], New={"Type": "AWS::SNS::Topic"})
    assert not refusals(after)
    for state in IncidentState:
        (reason,) = refusals(after, opened=replace(incident(), state=state))
        assert "incident i-1" in reason
        assert f"lifeboat override {STACK} --reason" in reason


def test_an_override_of_a_stack_in_an_incident_does_not_give_up_its_database() -> None:
    harmless = template(**BEFORE["Resources"], New={"Type": "AWS::SNS::Topic"})
    assert not refusals(harmless, override(STACK), opened=incident())
    assert refusals(FORBIDDEN["removed"], override(STACK), opened=incident())
    assert not refusals(FORBIDDEN["removed"], override(STACK), override(f"{STACK}/Orders"), opened=incident())


def test_a_stack_is_not_deleted_without_an_override_of_it() -> None:
    def deletion(*words: Any) -> list[bool]:
        return [each.allowed for each in judge_changes(STACK, (), Reading(None, words, NOW), deleted=True)]

    assert deletion() == [False]
    assert deletion(override(f"{STACK}/Orders")) == [False]
    assert deletion(override(STACK)) == [True]


@given(
    st.sampled_from(sorted(KEPT)),
    st.sampled_from([Action.REMOVE, Action.REPLACE]),
    st.lists(st.sampled_from(["another", f"{STACK}/Other", STACK]), max_size=3),
)
def test_nothing_kept_is_removed_or_replaced_by_somebody_elses_override(
    kind: str, action: Action, abouts: list[str]
) -> None:
    change = Change(STACK, "Kept", kind, action, KEPT[kind])
    words = [override(about) for about in abouts]
    assert not judge_change(change, None, words, NOW).allowed
    assert judge_change(change, None, [*words, override(change.about)], NOW).allowed


def test_a_cache_of_one_region_is_kept_by_nobody_and_a_member_of_a_global_one_is() -> None:
    local = {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": {"ReplicationGroupId": "cache"}}
    member = {**local, "Properties": {"GlobalReplicationGroupId": "ldgnf-cache"}}
    assert not refusals(template(), before=template(Cache=local))
    assert refusals(template(), before=template(Cache=member))
    assert refusals(template(Cache=local), before=template(Cache=member))


@pytest.mark.parametrize("kind", sorted(KEPT))
def test_every_property_that_replaces_a_kept_resource_is_known(kind: str) -> None:
    """Against the resource types' own schemas, as cfn-lint carries them."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema

    def names(field: str) -> set[str]:
        return {path.removeprefix("/properties/").split("/")[0] for path in schema.get(field, ())}

    ours = KEPT[kind]
    assert ours.turns >= names("createOnlyProperties")
    assert ours.turns | ours.in_place >= names("conditionalCreateOnlyProperties")
    assert not ours.turns & ours.in_place
    assert ours.named_by in schema["properties"]
    assert ours.turns | ours.in_place <= set(schema["properties"]) | {
        "SourceDbClusterResourceId",
        "SourceDbiResourceId",
    }
