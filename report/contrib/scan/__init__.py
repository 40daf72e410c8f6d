"""Scan a table with many columns for the pairs of columns that are associated."""
