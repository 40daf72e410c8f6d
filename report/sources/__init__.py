"""Declared sources -> lazy tables of an engine."""
