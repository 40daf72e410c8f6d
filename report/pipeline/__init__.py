"""The whole flow on one screen: config -> numbers -> findings -> words and figures -> files -> site."""

from ..publish.reuse import Built
from .build import build, build_site, check, check_site

__all__ = ["Built", "build", "build_site", "check", "check_site"]
