"""cfn-lint: what CloudFormation itself would refuse."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from cfnlint.api import ManualArgs, lint_file

from template_checks.assembly import Assembly
from template_checks.finding import Finding


def findings(assembly: Assembly, templates: Mapping[str, Path]) -> Iterator[Finding]:
    """Yield the errors of templates.

    Warnings are of style (a dependency that CDK says twice).
    """
    for stack, file in templates.items():
        for each in lint_file(file, config=ManualArgs(ignore_checks=["W", "I"], regions=[assembly.regions[stack]])):
            place = [str(part) for part in each.path or ()]
            id = place[1] if place[:1] == ["Resources"] and len(place) > 1 else ""
            path = assembly.path_of(stack, id) if id else stack
            yield Finding(each.rule.id, path, f"{'/'.join(place[2:])}: {each.message}")
