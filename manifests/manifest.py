"""The form of a manifest, and how several are written."""

from collections.abc import Iterable
from typing import Any, Final

import yaml

Manifest = dict[str, Any]

PART: Final = "app.kubernetes.io/name"
"""The label by which services, policies and budgets choose pods."""


def manifest(
    kind: str, name: str, *, namespace: str | None = None, labels: dict[str, str] | None = None, **fields: Any
) -> Manifest:
    """Return one, given its version and kind as in ``apps/v1/Deployment``."""
    version, _, short = kind.rpartition("/")
    metadata: dict[str, Any] = {"name": name}
    if namespace is not None:
        metadata["namespace"] = namespace
    metadata["labels"] = {**(labels or {}), "app.kubernetes.io/managed-by": "lifeboat"}
    return {"apiVersion": version, "kind": short, "metadata": metadata, **fields}


def as_yaml(manifests: Iterable[Manifest]) -> str:
    """Return them as one stream, in the order in which they are to be applied."""
    return yaml.dump_all(manifests, Dumper=_Plain, sort_keys=False, explicit_start=True, width=120)


class _Plain(yaml.SafeDumper):
    """Without anchors: who reads a manifest reads it alone."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True
