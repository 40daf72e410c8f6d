"""Incidence -> counts and margins, labelled, in declared order."""
