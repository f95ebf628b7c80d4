"""``lifeboat manifests``: what is applied to a region's cluster, or to an edge node, as YAML."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.reading import load_whole
from failover.topology import Topology
from topology_document import Infrastructure
from topology_document.findings import did_you_mean, listed

USAGE = 2


def manifests(
    document: Annotated[Path, typer.Argument(help="A topology, such as topologies/reviews.yaml.")],
    *,
    region: Annotated[str | None, typer.Option(help="The region whose cluster it is for.")] = None,
    city: Annotated[str | None, typer.Option(help="The edge node that it is for, by its city.")] = None,
    green: Annotated[bool, typer.Option("--green", help="For the second colour of pods, beside the first.")] = False,
) -> None:
    """Write the manifests of a region's cluster or of an edge node: … | kubectl apply --server-side -f -."""
    topology, infrastructure = load_whole(document)
    if region is not None and city is None:
        typer.echo(_of_region(topology, infrastructure, region, green=green), nl=False)
    elif city is not None and region is None:
        typer.echo(_of_city(topology, infrastructure, city), nl=False)
    else:
        _refuse("say --region or --city, one of the two")


def _of_region(topology: Topology, infrastructure: Infrastructure, region: str, *, green: bool) -> str:
    # What generates them brings PyYAML's writer with it: other commands need not wait for their import.
    from manifests import Cluster, as_yaml, manifests_of, site_manifests_of

    known = topology.region_names
    if region not in known:
        fix = did_you_mean(region, known, f"choose one of {listed(known)}")
        _refuse(f"--region: got {region}: a region of {topology.name} that has a cluster; {fix}")
    made = manifests_of if topology.site(region) is None else site_manifests_of
    found = list(made(Cluster(topology, infrastructure, region, green)))
    if not found:
        _refuse(f"{topology.name} declares no compute and no services: there is nothing to apply")
    return as_yaml(found)


def _of_city(topology: Topology, infrastructure: Infrastructure, city: str) -> str:
    from manifests import as_yaml, edge_manifests_of

    known = list(infrastructure.edge.cities) if infrastructure.edge else []
    if infrastructure.edge is None or city not in known:
        fix = did_you_mean(city, known, f"choose one of {listed(known)}" if known else "add edge.cities")
        _refuse(f"--city: got {city}: a city of {topology.name} with an edge node; {fix}")
    return as_yaml(edge_manifests_of(topology, infrastructure, city))


def _refuse(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.exit(USAGE)
