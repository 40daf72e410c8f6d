"""Contributors: per cell, the items, raw labels, strata and groups that carry most of it."""

from .contribution import By, Contribution, Contributors, ItemUse
from .finding import find_contributors
from .item_sets import count_sets

__all__ = ["By", "Contribution", "Contributors", "ItemUse", "count_sets", "find_contributors"]
