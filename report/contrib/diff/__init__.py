"""Compare two built reports by the files that they publish, and say what changed."""
