"""Compare a site with its manifest, or build it again and compare."""
