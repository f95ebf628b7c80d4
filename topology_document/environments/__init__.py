"""One document, several environments: what is left of a product where it has one region only."""

from topology_document.environments.in_environment import in_environment

__all__ = ["in_environment"]
