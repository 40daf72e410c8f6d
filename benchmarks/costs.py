"""The cost of the PDF of a build, from its own benchmark."""

from __future__ import annotations

import json
import statistics
import sys

from benchmarks.budgets import Budget, Section
from benchmarks.child import output_of
from benchmarks.settings import ROOT, BenchSettings

PDF_KB, PDF_SECONDS = 400, 0.4


def pdf(asked: BenchSettings) -> Section:
    """Judge the size and the cost of the default example's PDF."""
    command = (sys.executable, "-m", "benchmarks.pdf_cost", ROOT / "config.yaml", "--once")
    costs = [json.loads(output_of(command, cwd=ROOT)) for _ in range(asked.rounds)]
    seconds, whole = (statistics.median(cost[part] for cost in costs) for part in ("pdf", "build"))
    text = f"{seconds:.2f} s of a build of {whole:.2f} s; medians (runs: {asked.rounds}) (`benchmarks/pdf_cost.py`).\n"
    return Section(
        "PDF",
        text,
        (
            Budget("pdf-size", "PDF of the default example", costs[0]["n_bytes"] / 1e3, PDF_KB, " kB", strict=True),
            Budget(
                "pdf-cost",
                "PDF of the default example, of the seconds of the build",
                seconds,
                PDF_SECONDS,
                " s",
                strict=True,
            ),
        ),
    )
