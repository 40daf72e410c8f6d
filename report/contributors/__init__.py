"""Contributors: per cell, the items, raw labels, strata and groups that carry most of it."""

from report.contributors.contribution import By, Contribution, Contributors, ItemUse
from report.contributors.finding import find_contributors
from report.contributors.item_sets import count_sets

__all__ = ["By", "Contribution", "Contributors", "ItemUse", "count_sets", "find_contributors"]
