"""Tables and choices for the tests of choosing."""

from __future__ import annotations

from pathlib import Path

PUBLIC = Path(__file__).parents[2] / "public"
TABLES = tuple(sorted([*(PUBLIC / "tables").glob("*.csv"), *(PUBLIC / "whole").glob("*.csv")]))
