"""How long ``cdk synth`` takes for each product, and for each region more of one."""

import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import yaml

from bench.numbers import Ground, MeasurementError, Number, Table, Target, Told
from bench.surroundings import QUICKSTART, ROOT
from topology_document import load

PRODUCTS: Final = ("fleet", "haven", "metro", "reviews", "triage")
RUNS, QUICK_RUNS = 3, 1
SYNTH_SECONDS: Final = 10
"""For three regions."""

GROWN_TO: Final = (3, 6, 9)
MORE_REGIONS: Final = ("ca-central-1", "eu-north-1", "eu-south-1", "sa-east-1", "ap-south-1", "ap-northeast-1")


def measure(quick: bool, told: Told) -> Table:  # noqa: FBT001
    """Synthesise every product, and the quickstart with three, six and nine regions, by the real command."""
    runs, numbers = QUICK_RUNS if quick else RUNS, list[Number]()
    with tempfile.TemporaryDirectory(prefix="lifeboat-bench-") as folder:
        for product in PRODUCTS:
            document = ROOT / "topologies" / f"{product}.yaml"
            count = len(load(document).aws_regions)
            told(f"cdk synth of {product}")
            target = Target(SYNTH_SECONDS) if count <= GROWN_TO[0] else None
            seconds = [_synthesised(document, Path(folder) / f"{product}{run}") for run in range(runs)]
            numbers.append(Number(f"`cdk synth` of {product}, {count} regions", seconds, "s", target))
        numbers += _growth(Path(folder), runs, told)
    remark = "Linear means that the two differences are alike: what is made once for all regions is in neither."
    return Table("products", "synthesis of the products, and of more regions", Ground.ALONE, numbers, [remark])


def _growth(folder: Path, runs: int, told: Told) -> Iterator[Number]:
    least, *_ = sizes = [_grown(folder, count, runs, told) for count in GROWN_TO]
    yield Number(f"quickstart, {GROWN_TO[0]} regions", least, "s")
    for (few, before), (many, after) in pairwise(zip(GROWN_TO, sizes, strict=True)):
        each = [(late - early) / (many - few) for early, late in zip(before, after, strict=True)]
        yield Number(f"a region more, from {few} to {many}", each, "s")


def _grown(folder: Path, count: int, runs: int, told: Told) -> list[float]:
    told(f"cdk synth of the quickstart with {count} regions")
    document = folder / f"regions{count}.yaml"
    document.write_text(yaml.safe_dump(with_regions(count)), encoding="utf-8")
    return [_synthesised(document, folder / f"regions{count}-{run}") for run in range(runs)]


def with_regions(count: int) -> dict[str, Any]:
    """Return the quickstart's document with more regions, each with a copy of its database."""
    document: dict[str, Any] = yaml.safe_load(QUICKSTART.read_text(encoding="utf-8"))
    regions, first = document["regions"], len(document["regions"])
    for number, region in enumerate(MORE_REGIONS[: count - first], start=first + 1):
        regions[region] = {**regions["eu-west-1"], "cidr": f"10.{number}.0.0/16"}
        document["databases"]["orders"]["replicas"].append(region)
    return document


def _synthesised(document: Path, assembly: Path) -> float:
    from twin.deployment import Deployment, DeploymentError

    began = time.perf_counter()
    try:
        Deployment(load(document), document, assembly, {}).synthesise()
    except (DeploymentError, OSError) as exc:
        raise MeasurementError(f"{exc}\n`make setup` installs the CDK's command") from exc
    return time.perf_counter() - began
