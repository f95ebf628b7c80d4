"""Templates that differ in nothing but names: one of them is enough for a checker that reads a template alone."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_WHERE: Final = "(?:north|south|central)?(?:east|west)?(?:north|south)?"
REGION: Final = re.compile(rf"\b(?:af|ap|ca|eu|il|me|mx|sa|us)-{_WHERE}-\d[a-f]?\b")
ADDRESS: Final = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
HASH: Final = re.compile(r"\b[0-9a-f]{64}\b|(?<=[a-z])[0-9A-F]{8}\b")


def distinct(templates: Mapping[str, Path], product: str) -> dict[str, Path]:
    """Return the first template of each shape."""
    seen: dict[str, str] = {}
    for stack, file in templates.items():
        seen.setdefault(_shape(file.read_text("utf-8"), product), stack)
    return {stack: templates[stack] for stack in seen.values()}


def _shape(text: str, product: str) -> str:
    """Return a hash of what is left without names of the product, of regions, of networks, and without hashes."""
    bare = text.replace(product, "PRODUCT").replace(product.capitalize(), "PRODUCT")
    for pattern in (REGION, ADDRESS, HASH):
        bare = pattern.sub("", bare)
    return hashlib.sha256(bare.encode()).hexdigest()
