"""The command's root: what there is, and what a mistake looks like (one line on stderr, exit code 2)."""

import sys

import typer

from cli.check import check
from cli.deploy import deploy, override
from cli.drill import drill
from cli.drills import drills
from cli.gate import gate
from cli.journal import journal
from cli.manifests import manifests
from cli.mistakes import FAILURES, MISTAKES, told
from cli.operate import consent, init, pause, resume
from cli.orders import abort, acknowledge, approve, skip, veto
from cli.plan import plan
from cli.publications import publications
from cli.reading import asked_for
from cli.report import report
from cli.roll import rollout
from cli.simulate import simulate
from cli.sites import sites
from cli.start import failback, failover, rollback, switchover
from cli.status import status
from cli.twin import twin

app = typer.Typer(
    help="Multi-region failover for AWS, and the twin on which it is proved.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.callback()(asked_for)
app.command()(drill)
app.command()(drills)
app.command()(simulate)
app.command()(check)
app.command()(plan)
app.command()(manifests)
app.command()(init)
app.command()(consent)
app.command()(pause)
app.command()(resume)
app.command()(journal)
app.command()(status)
app.command()(report)
app.command()(deploy)
app.command()(override)
app.command()(rollout)
for started in (failover, switchover, failback, rollback):
    app.command()(started)
for ordered in (approve, veto, abort, skip, acknowledge):
    app.command()(ordered)
app.add_typer(gate, name="gate")
app.add_typer(publications, name="publications")
app.add_typer(sites, name="sites")
app.add_typer(twin, name="twin")


def run() -> None:
    """Run the command; a user's mistake is told in words and never as a traceback."""
    try:
        app()
    except (*MISTAKES, *FAILURES) as exc:
        text, code = told(exc)
        sys.stderr.write(f"{text}\n")
        sys.exit(code)
