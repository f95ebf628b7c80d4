"""Deployments that are read before they are executed."""
