"""The whole flow on one screen: config -> numbers -> findings -> words and figures -> files -> site."""

from ..reuse import Built
from .build import build, check
from .site import build_site, check_site

__all__ = ["Built", "build", "build_site", "check", "check_site"]
