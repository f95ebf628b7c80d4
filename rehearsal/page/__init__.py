"""The report as one HTML page that needs no network."""

from rehearsal.page.rendering import page_of

__all__ = ["page_of"]
