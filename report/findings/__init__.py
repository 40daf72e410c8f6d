"""Numbers -> typed observations: one file for each kind of finding."""
