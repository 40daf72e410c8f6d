"""Intervals, tests and the states of nothing."""
