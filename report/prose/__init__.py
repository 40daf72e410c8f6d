"""Findings -> sentences that point at their cells."""
