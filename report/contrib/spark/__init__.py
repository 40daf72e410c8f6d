"""Spark as a counting engine (the extra `spark`)."""
