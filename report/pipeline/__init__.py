"""The whole flow on one screen: config -> numbers -> findings -> words and figures -> files -> site."""

from report.pipeline.build import Built, build, check

__all__ = ["Built", "build", "check"]
