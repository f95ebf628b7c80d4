"""Measurements, not tests: ``python -m bench`` prints the machine and what was measured on it, and asserts nothing."""
