"""Blocks: groups of associated categories, through the slot `finding`."""
