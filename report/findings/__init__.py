"""Numbers -> typed observations: a kind of finding stands in one file, those that look at the same numbers together."""
