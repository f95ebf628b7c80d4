"""How long ``cdk synth`` takes, and how large what it makes is."""

import json
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench.numbers import Ground, MeasurementError, Number, Table, Target, Told
from bench.surroundings import QUICKSTART, quickstart
from failover.topology import Topology

RUNS, QUICK_RUNS = 3, 1
SYNTH_SECONDS: Final = 10
RESOURCES: Final = 500
"""Of one stack at the most; AWS CloudFormation quotas, "Resources"."""

UNZIPPED_MIB: Final = 250
"""Of a function's code and layers at the most; AWS Lambda quotas, "Deployment package size"."""

TEMPLATE_KIB: Final = 1024
"""Of a template in S3 at the most; AWS CloudFormation quotas, "Template body size"."""


def measure(quick: bool, told: Told) -> Table:  # noqa: FBT001
    """Synthesise the quickstart by the real command, and look at the assembly."""
    from twin.deployment import Deployment, DeploymentError

    topology, runs, seconds = quickstart(), QUICK_RUNS if quick else RUNS, list[float]()
    with tempfile.TemporaryDirectory(prefix="lifeboat-bench-") as folder:
        for run in range(runs):
            assembly = Path(folder) / str(run)
            told(f"cdk synth of {topology.name}, {run + 1} of {runs}")
            began = time.perf_counter()
            try:
                Deployment(topology, QUICKSTART, assembly, {}).synthesise()
            except (DeploymentError, OSError) as exc:
                raise MeasurementError(f"{exc}\n`make setup` installs the CDK's command") from exc
            seconds.append(time.perf_counter() - began)
        sizes = list(_sizes(topology, assembly))
    numbers = [Number(f"`cdk synth` of {topology.name}", seconds, "s", Target(SYNTH_SECONDS)), *sizes]
    return Table("synth", "synthesis, and what it makes", Ground.ALONE, numbers)


def _sizes(topology: Topology, assembly: Path) -> Iterator[Number]:
    from stacks.constructs.function_bundle import FunctionBundle

    bundle = FunctionBundle.build(topology)
    with zipfile.ZipFile(bundle.path) as archive:
        unzipped = sum(each.file_size for each in archive.infolist())
    yield Number("the functions' asset, zipped", [bundle.path.stat().st_size / 2**20], "MiB")
    yield Number("the functions' asset, unzipped", [unzipped / 2**20], "MiB", Target(UNZIPPED_MIB))
    templates = sorted(assembly.glob("*.template.json"))
    yield Number(
        "the largest template", [max(each.stat().st_size for each in templates) / 1024], "KiB", Target(TEMPLATE_KIB)
    )
    for template in templates:
        count = len(json.loads(template.read_text(encoding="utf-8")).get("Resources", {}))
        stack = template.name.removesuffix(".template.json").removeprefix(f"lifeboat-{topology.name}-")
        yield Number(f"resources of `{stack}`", [count], "", Target(RESOURCES))
