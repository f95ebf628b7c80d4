"""Judging manifests by the published schemas."""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from manifests import Cluster, Manifest, manifests_of
from tests.products import EU, quickstart
from topology_document import Infrastructure
from topology_document.infrastructure.compute import CapacityKind, ComputeSection, ServiceSection, SpotSection
from topology_document.infrastructure.edge import CitySection, EdgeSection

ROOT = Path(__file__).resolve().parents[2]
NODE = Path(sys.executable).with_name("node")
SPOT = SpotSection(instance_types=["m7g.large", "m6g.large", "c7g.large"])
SERVICES = {
    "api": ServiceSection(
        image="shop/api:1.0.0", paths=["/"], calls=["ranking"], databases=["orders"], caches=["cache"]
    ),
    "ranking": ServiceSection(image="ghcr.io/shop/ranking:2.1.0", capacity=CapacityKind.ANY, port=9000),
    "thumbnails": ServiceSection(
        image="shop/thumbnails:1.0.0",
        critical=False,
        capacity=CapacityKind.SPOT,
        least_replicas=1,
        most_replicas=40,
        cpu_percent=55,
        paths=["/thumbnails"],
    ),
}
ASKED = Infrastructure(
    compute=ComputeSection(spot=SPOT, scale_down_seconds=420, secret_refresh_seconds=90),
    services=SERVICES,
    edge=EdgeSection(cities={"bremen": CitySection(region=EU)}),
)


def of_region(asked: Infrastructure = ASKED, region: str = EU) -> list[Manifest]:
    return list(manifests_of(Cluster(quickstart(), asked, region)))


def the(manifests: Iterable[Manifest], kind: str, name: str) -> Manifest:
    (found,) = [each for each in manifests if (each["kind"], each["metadata"]["name"]) == (kind, name)]
    return found


def mistakes(manifests: list[Manifest]) -> dict[str, list[str]]:
    """What the schemas say is wrong, by kind and name."""
    told = subprocess.run(
        [NODE, Path(__file__).with_name("validate.mjs")],
        input=json.dumps(manifests),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        cwd=ROOT,
    )
    return {
        f"{each['kind']}/{each['metadata']['name']}": wrong
        for each, wrong in zip(manifests, json.loads(told.stdout), strict=True)
        if wrong
    }
