"""Show a report in a browser, and rebuild it when something changes."""
