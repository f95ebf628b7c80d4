"""``lifeboat sites``: what sites outside AWS need from their operators."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.reading import also_asked_for
from failover.topology import SiteNames, Topology
from site_hosts import SitesAuthority, certificates, host_files, write_secret
from topology_document import load_whole
from topology_document.findings import did_you_mean, listed
from topology_document.infrastructure.sites import SitesSection

USAGE = 2
SECRET = (".key", "control.json")

sites = typer.Typer(help="Sites outside AWS: their certificates, and the files of their hosts.", no_args_is_help=True)

Document = Annotated[Path, typer.Argument(help="A topology with sites, such as topologies/haven.yaml.")]
Made = Annotated[Path, typer.Option(help="The folder of the sites' authority; made where there is none.")]
Authority = Annotated[Path, typer.Option(help="The folder of the sites' authority, as `certify` has made it.")]
Days = Annotated[int, typer.Option(min=1, max=825, help="How long the certificate counts.")]


@sites.command()
def certify(document: Document, *, authority: Made, days: Days = 365) -> None:
    """Write the control plane's certificate, and say how it gets to the control regions."""
    topology, _ = _read(document)
    own, signer = SiteNames(topology), SitesAuthority.kept_in(authority, topology.name)
    pem = signer.issue(own.asker, days)
    told = {"certificate": pem.certificate, "key": pem.key, "authority": signer.certificate}
    write_secret(authority / "control.json", json.dumps(told))
    for region in topology.control_regions:
        typer.echo(
            f"aws ssm put-parameter --region {region} --name {own.authority} --type String --overwrite "
            f"--value file://{authority / 'authority.pem'}"
        )
    typer.echo("# then deploy, and when the site-door stacks are there:")
    for region in topology.control_regions:
        typer.echo(
            f"aws secretsmanager put-secret-value --region {region} --secret-id {own.secret} "
            f"--secret-string file://{authority / 'control.json'}"
        )


@sites.command()
def setup(
    document: Document,
    site: Annotated[str, typer.Argument(help="The site, by its name in the topology.")],
    *,
    authority: Authority,
    into: Annotated[Path, typer.Option(help="The folder to write to; it gets the site's key.")],
    days: Days = 90,
) -> None:
    """Write what the host of a site's databases runs by; INSTALL, among the files, says what goes where."""
    topology, settings = _read(document)
    known = [region.name for region in topology.regions if region.site is not None]
    if site not in known:
        _refuse(f"got {site}: a site of {topology.name}; {did_you_mean(site, known, f'choose one of {listed(known)}')}")
    signed = list(certificates(SitesAuthority(authority), topology, site, days))
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, text in [*host_files(topology, site, settings), *signed]:
        if name.endswith(SECRET):
            write_secret(into / name, text)
        else:
            (into / name).write_text(text, encoding="utf-8")
        typer.echo(into / name)


def _read(document: Path) -> tuple[Topology, SitesSection]:
    topology, infrastructure = load_whole(document, also_asked_for(None))
    if infrastructure.sites is None:
        _refuse(f"{topology.name} has no sites: every region of it is AWS's")
        raise AssertionError
    return topology, infrastructure.sites


def _refuse(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.exit(USAGE)
