"""cdk-nag: rules about constructs, in packs.

It runs here and never in ``cdk synth``: a recovery tool stays deployable on the day on which a pack changes.
Its findings are read from the report that CDK writes beside the templates.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks, ServerlessChecks

import topology_document
from stacks.acceptance import write_down
from stacks.product import compose
from template_checks.assembly import Assembly
from template_checks.finding import Finding

REPORT = "validation-report.json"
PACKS = (AwsSolutionsChecks, ServerlessChecks, NIST80053R5Checks)
REPORTED: Final = {
    "@aws-cdk/core:failSynthOnValidationErrors": False,  # the report is written, and neither printed nor raised
    "aws:cdk:disable-creation-stack-traces": True,
    "aws:cdk:enable-path-metadata": True,
}


def synthesised(topology: Path, into: Path, *, judged: bool) -> Assembly:
    """Synthesise a topology, under the packs' eyes if it shall be judged; that they find something is no failure here.

    Raises:
        JSIIError: the synthesis itself failed.
    """
    write_down()
    flags = json.loads((Path(__file__).resolve().parents[1] / "cdk.json").read_text("utf-8"))["context"]
    app = cdk.App(outdir=str(into), analytics_reporting=False, stack_traces=False, context={**flags, **REPORTED})
    compose(app, *topology_document.load_whole(topology))
    if judged:
        cdk.Validations.of(app).add_plugins(*[pack(app) for pack in PACKS])
    app.synth()
    return Assembly(into)


def findings(assembly: Assembly) -> Iterator[Finding]:
    """Yield what the packs complain of."""
    report = json.loads((assembly.folder / REPORT).read_text("utf-8"))
    for pack in report["pluginReports"]:
        for violation in pack.get("violations", ()):
            rule, text = violation["ruleName"], violation["description"]
            for construct in violation["violatingConstructs"]:
                yield Finding(rule, construct["constructPath"], text)
