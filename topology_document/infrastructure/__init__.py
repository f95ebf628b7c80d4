"""What stacks build around the data and the control plane, and what no function ever reads: a section for each area.

Each section is used as it was written, with its defaults: there is no second, compiled form. What a section may not
say beside another one is checked in ``topology_document.checks``.
"""

from topology_document.section import Section


class Infrastructure(Section):
    """The areas; what a document does not name is not built."""


NOTHING = Infrastructure()
"""Of a product whose document names none."""
