"""cfn-lint finds no error in any template."""

import pytest
from cfnlint.api import ManualArgs, lint_file

from tests.infrastructure.assembly import Assembly

STACKS = (
    ("zone", "us-east-1"),
    ("quorum", "eu-central-1"),
    ("regional", "us-east-1"),
    ("regional", "eu-west-1"),
    ("control", "eu-west-1"),
    ("global", "us-east-1"),
)


@pytest.mark.parametrize(("layer", "region"), STACKS, ids=str)
def test_cfn_lint_finds_no_error(assembly: Assembly, layer: str, region: str) -> None:
    file = assembly.path / f"{assembly.names.stack(layer, region)}.template.json"
    # Warnings are of style (a dependency that CDK says twice); errors are what CloudFormation would refuse.
    found = lint_file(file, config=ManualArgs(ignore_checks=["W", "I"], regions=[region]))
    assert [str(each) for each in found] == []
