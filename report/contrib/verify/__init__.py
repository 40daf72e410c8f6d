"""Compare a site with its manifest, or rebuild it and compare."""
