"""Estimate how often rules assign wrong categories, from a sample that a person judges: `diptych audit`."""
