"""The CDK application: one topology, all its stacks.

The topology's path is the context value ``topology`` (``cdk synth -c topology=…``), or LIFEBOAT_TOPOLOGY; the
environment is the context value ``environment``, or LIFEBOAT_ENVIRONMENT, or else production.
"""

import gc
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT), str(ROOT / "lambdas")]
# What lives for seconds and keeps nearly all that it makes need not look for garbage: that is a tenth of a synthesis.
gc.disable()
# CDK's own look at the templates takes as long as all the rest. `make checks` has it, beside its other checkers; a
# deployment, which may be urgent, has not.
os.environ.setdefault("CDK_VALIDATION", "false")

import aws_cdk as cdk  # noqa: E402

import topology_document  # noqa: E402
from failover.topology import Topology  # noqa: E402
from stacks.errors import CompositionError  # noqa: E402
from stacks.product import compose_there  # noqa: E402
from topology_document import Infrastructure  # noqa: E402
from topology_document.infrastructure.environment import Environment  # noqa: E402

DEFAULT_TOPOLOGY = ROOT / "topologies" / "quickstart.yaml"


def main() -> None:
    """Synthesise every stack of the topology, or say what is wrong with it."""
    # Without CDK's own metadata resource, and without traces of this machine's folders, an assembly is what the
    # stacks say and no more.
    untraced = {"aws:cdk:disable-creation-stack-traces": True}
    app = cdk.App(analytics_reporting=False, stack_traces=False, context=untraced)
    path = Path(app.node.try_get_context("topology") or os.environ.get("LIFEBOAT_TOPOLOGY") or DEFAULT_TOPOLOGY)
    environment = app.node.try_get_context("environment") or os.environ.get("LIFEBOAT_ENVIRONMENT") or None
    if environment not in {None, *Environment}:
        sys.exit(f"environment: got {environment!r}: one of {', '.join(Environment)}")
    try:
        compose_there(app, *read(path, Environment(environment) if environment else None))
    except (topology_document.TopologyError, CompositionError) as exc:
        sys.exit(str(exc))
    app.synth()


def read(path: Path, environment: Environment | None) -> tuple[Topology, Infrastructure]:
    """Return what a YAML document says, or the compiled form, which was validated when it was compiled.

    A compiled form is of one environment already.
    """
    if path.suffix == ".json":
        return topology_document.read_compiled(path.read_text(encoding="utf-8"))
    return topology_document.load_whole(path, environment)


if __name__ == "__main__":
    main()
