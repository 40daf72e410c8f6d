"""Arguments in, exit status out: the only place that prints or catches."""

from report.cli.main import app, main

__all__ = ["app", "main"]
