"""Spark as the engine that counts (the extra `spark`)."""
