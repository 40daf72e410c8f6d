"""Choose what to report: a page, a terminal dialogue or one static file, from a table to a config."""
