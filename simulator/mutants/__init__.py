"""Bugs that are planted one at a time, to see whether the simulator finds each."""

from simulator.mutants.mutant import Edit, Mutant, MutantError, mutants
from simulator.mutants.planting import Tree, planted

__all__ = ["Edit", "Mutant", "MutantError", "Tree", "mutants", "planted"]
