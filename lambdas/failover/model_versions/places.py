"""Where versions and records of models are: computed names, the same for stacks and functions."""

from typing import Final

from failover.topology import Topology

MODELS: Final = "models"
"""The bucket of each region that every model's versions are in."""


def models_bucket(topology: Topology, region: str) -> str:
    """Return the name of a region's bucket of models."""
    return f"{topology.name}-{MODELS}-{topology.account}-{region}"


def models_table(topology: Topology) -> str:
    """Return the table that says which versions a region uses, of the same name in each."""
    return f"lifeboat-{topology.name}-{MODELS}"


def latest_key(model: str) -> str:
    """Return the key of the object that names the version which is to come into use."""
    return f"{model}/latest.json"


def manifest_key(model: str, version: str) -> str:
    """Return the key of a version's list of files."""
    return f"{model}/{version}/manifest.json"


def file_key(model: str, version: str, tier: str, file: str) -> str:
    """Return the key of one file of a version's variant."""
    return f"{model}/{version}/{tier}/{file}"
