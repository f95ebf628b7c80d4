"""What a document must mean: the rules that no single value can break."""

from topology_document.checks.check import Check
from topology_document.checks.table import MISTAKES, WARNINGS, found_by

__all__ = ["MISTAKES", "WARNINGS", "Check", "found_by"]
