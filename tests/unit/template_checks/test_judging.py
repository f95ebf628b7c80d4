"""What is accepted, where, and what is accepted for nothing."""

from template_checks.assembly import Acceptance
from template_checks.finding import Finding
from template_checks.judging import Verdict

OPEN_TO_ALL = Finding("AwsSolutions-IAM5[Resource::*]", "stack/Step/Role/Policy", "wildcard")


def verdict(*acceptances: Acceptance, finding: Finding = OPEN_TO_ALL) -> Verdict:
    verdict = Verdict()
    verdict.judge([finding], acceptances)
    return verdict


def test_a_finding_that_nobody_accepts_stands_in_the_way() -> None:
    assert verdict().open == [OPEN_TO_ALL]


def test_what_a_construct_accepts_it_accepts_for_all_that_is_beneath_it() -> None:
    judged = verdict(Acceptance("stack/Step", ("AwsSolutions-IAM5",), "tracing"))
    assert (judged.open, judged.accepted, judged.unneeded) == ([], 1, [])


def test_one_finding_of_a_rule_is_accepted_alone() -> None:
    accepted = Acceptance("stack/Step", ("AwsSolutions-IAM5[Action::s3:*]",), "its own bucket")
    assert verdict(accepted).open == [OPEN_TO_ALL]


def test_a_neighbour_of_like_name_accepts_nothing() -> None:
    assert verdict(Acceptance("stack/St", ("AwsSolutions-IAM5",), "tracing")).open == [OPEN_TO_ALL]


def test_another_rule_accepts_nothing() -> None:
    assert verdict(Acceptance("stack", ("AwsSolutions-IAM",), "tracing")).open == [OPEN_TO_ALL]


def test_an_acceptance_that_nothing_needs_is_named() -> None:
    judged = verdict(Acceptance("stack", ("CKV_AWS_117", "AwsSolutions-IAM5"), "why"))
    assert judged.unneeded == [("CKV_AWS_117", "why")]


def test_what_one_assembly_needs_is_needed_though_others_do_not() -> None:
    accepted = Acceptance("stack", ("AwsSolutions-IAM5",), "why")
    judged = Verdict()
    judged.judge([], [accepted])
    judged.judge([OPEN_TO_ALL], [accepted])
    assert judged.unneeded == []
