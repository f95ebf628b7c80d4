"""What a month costs, read from templates: a pure function over resources, with a table of prices that is pinned.

It is no bill. Prices are lists' without discounts or free tiers, use is what the document says, and whatever has no
price here is named.
"""

from costs.estimate import Estimate, Line, Placed, estimate
from costs.report import as_json, show

__all__ = ["Estimate", "Line", "Placed", "as_json", "estimate", "show"]
