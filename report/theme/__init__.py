"""Colours, fonts and sizes, shared by figures and renderers."""
