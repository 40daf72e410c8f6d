"""Panels -> Vega-Lite specifications, SVG, PNG, PDF."""
