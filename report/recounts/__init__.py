"""Recounts: the same relation counted as if something in it were otherwise, in one pass over what it alters."""

from .change import By, Change
from .defaults import default_changes
from .levels import without_level
from .recounting import recount, recount_with_members

__all__ = ["By", "Change", "default_changes", "recount", "recount_with_members", "without_level"]
