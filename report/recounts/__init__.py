"""Recounts: the same relation counted as if something in it were otherwise, in one pass over what it alters."""

from report.recounts.change import By, Change
from report.recounts.defaults import default_changes
from report.recounts.levels import without_level
from report.recounts.recounting import recount, recount_with_members

__all__ = ["By", "Change", "default_changes", "recount", "recount_with_members", "without_level"]
