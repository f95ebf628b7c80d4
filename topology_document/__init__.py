"""The YAML document that people write: its model, its mistakes in plain words, and its compiled form."""

from topology_document.compiled import read_compiled, written
from topology_document.findings import Finding, TopologyError
from topology_document.infrastructure import NOTHING, Infrastructure
from topology_document.loader import load, load_text, load_whole, load_with_warnings

__all__ = [
    "NOTHING",
    "Finding",
    "Infrastructure",
    "TopologyError",
    "load",
    "load_text",
    "load_whole",
    "load_with_warnings",
    "read_compiled",
    "written",
]
