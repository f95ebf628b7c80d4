"""The YAML document that people write: its model, its mistakes in plain words, and its compiled form."""

from topology_document.findings import Finding, TopologyError
from topology_document.loader import load, load_text, load_with_warnings

__all__ = ["Finding", "TopologyError", "load", "load_text", "load_with_warnings"]
