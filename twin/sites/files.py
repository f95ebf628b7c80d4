"""The files of a site's host as its setup writes them, where the twin has the folders and ports that they name."""

import json
import os
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from failover.topology import Topology, compiled
from runtime.site.told import SiteEnvironment
from site_hosts import HOME, SECRETS, TAILS, host_files
from twin.errors import TwinError
from twin.network.addresses import AddressPlan
from twin.network.surroundings import REPOSITORY
from twin.sites.host import read_units_environment
from twin.sites.rejoin_command import HOSTS
from twin.sites.signing_helper import AUTHORITY

if TYPE_CHECKING:
    from twin.twin import Twin

PYTHON: Final = f"{HOME}/venv/bin/python"
PART: Final = "runtime/site/__main__.py"
TOLD: Final = "topology.json"


def unpacked(assembly: Path, topology: Topology, into: Path) -> Path:
    """Unpack the archive of the functions, as the setup's steps say, and return the folder."""
    for archive in sorted(assembly.glob("asset.*.zip")):
        with zipfile.ZipFile(archive) as opened:
            held = set(opened.namelist())
            # In a folder that was kept there are the archives of earlier twins.
            if {PART, TOLD} <= held and json.loads(opened.read(TOLD)) == compiled(topology):
                opened.extractall(into)
                return into
    raise TwinError(
        f"no archive in {assembly} has {PART} of {topology.name}: {', '.join(each.name for each in assembly.iterdir())}"
    )


def written(twin: "Twin", site: str, folder: Path, common: Path) -> dict[str, str]:
    """Write the setup's files of a site into a folder, and return the environment of its units.

    ``common`` is the folder of all sites: the functions' code and the programs.
    """
    settings = twin.infrastructure.sites
    if settings is None:
        raise TwinError(f"{twin.topology.name} has sites, and no section of them")
    functions, tails = common / "functions", folder / "tails"
    tails.mkdir(parents=True, mode=0o700)
    moved = {PYTHON: sys.executable, SECRETS: str(folder), TAILS: str(tails), HOME: str(common)}
    for name, text in host_files(twin.topology, site, settings):
        (folder / name).write_text(_moved(text, moved), encoding="utf-8")
    units = read_units_environment((folder / "site.env").read_text("utf-8"))
    around = twin.around(site)
    path = os.pathsep.join((around["PYTHONPATH"], str(functions), str(REPOSITORY)))
    return {
        **around,
        **units,
        **_listening(twin.plan, site, units),
        **{name: value for name, value in twin.environment().items() if name.startswith("AWS_E")},
        "AWS_ENDPOINT_URL": f"http://{twin.plan.vantage(site)}:{twin.plan.ports.api}",
        "AWS_CONFIG_FILE": str(folder / "aws.config"),
        "AWS_PROFILE": "guard",
        "LIFEBOAT_SECRETS": str(folder),
        "LIFEBOAT_TWIN_CLOCK": site,
        "PATH": os.pathsep.join((str(common / "bin"), os.environ["PATH"])),
        "PYTHONPATH": path,
        AUTHORITY: twin.sites.names.authority,
        HOSTS: twin.sites.hosts_address,
    }


def _moved(text: str, places: Mapping[str, str]) -> str:
    for there, here in places.items():
        text = text.replace(there, here)
    return text


def _listening(plan: AddressPlan, site: str, units: dict[str, str]) -> dict[str, str]:
    """All hosts of the twin are one machine, and well-known ports are not its own."""
    told, at = SiteEnvironment.from_variables(units), plan.load_balancer(site)

    def there(endpoint: str) -> str:
        return f"{at}:{plan.ports.mapped(int(endpoint.rpartition(':')[2]))}"

    return {
        "LIFEBOAT_LISTENS": there(told.listens),
        "LIFEBOAT_ENDPOINTS": json.dumps({name: there(endpoint) for name, endpoint in told.endpoints.items()}),
    }
