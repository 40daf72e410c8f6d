"""Declared relations -> engine tables: which unit has which items and categories on each side."""
