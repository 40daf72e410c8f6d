"""The whole flow on one screen: config -> numbers -> findings -> words and figures -> files -> site."""

from report.pipeline.build import build, build_past, check
from report.pipeline.site import build_site, check_site
from report.reuse import Built

__all__ = ["Built", "build", "build_past", "build_site", "check", "check_site"]
