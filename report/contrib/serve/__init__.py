"""Show a report in a browser, and build it again when something changes."""
