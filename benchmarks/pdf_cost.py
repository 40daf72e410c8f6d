"""The cost of report.pdf: `python -m benchmarks.pdf_cost [CONFIG] [--runs 5]`.

Budgets of the default example: 400 kB, and 0.4 s of a build with an empty cache (medians). Each run is a separate
process, because Typst caches layouts within a process.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from unittest.mock import patch

from diptych.pipeline.build import build
from diptych.renderers import registry
from diptych.renderers.pdf import render_pdf

CONFIG = Path(__file__).parents[1] / "config.yaml"
MOST_BYTES, MOST_SECONDS = 400_000, 0.4


@dataclass(frozen=True)
class Cost:
    """Seconds for the PDF (wall-clock and processor time) and for the whole build, and the size of the PDF."""

    pdf: float
    processor: float
    build: float
    n_bytes: int


def one_run(config: Path) -> Cost:
    """Build a report in this process and return the cost of its PDF."""
    times: list[tuple[float, float]] = []

    def timed(*arguments: object) -> dict[str, bytes]:
        began = time.perf_counter(), time.process_time()
        made = render_pdf(*arguments)  # type: ignore[arg-type]  # as they come
        times.append((time.perf_counter() - began[0], time.process_time() - began[1]))
        return made

    with tempfile.TemporaryDirectory() as folder, patch.object(registry, "render_pdf", timed):
        began = time.perf_counter()
        build(config, Path(folder) / "site")
        whole = time.perf_counter() - began
        [(pdf, processor)] = times
        return Cost(pdf, processor, whole, (Path(folder) / "site" / "report.pdf").stat().st_size)


def lines(costs: list[Cost]) -> Iterator[str]:
    """Yield the measurements, and the figures over a budget."""
    pdf, processor, whole = (
        statistics.median(values)
        for values in zip(*((cost.pdf, cost.processor, cost.build) for cost in costs), strict=True)
    )
    n_bytes = costs[0].n_bytes
    low, high = min(cost.pdf for cost in costs), max(cost.pdf for cost in costs)
    yield (
        f"report.pdf: {n_bytes / 1000:.0f} kB; median {pdf:.2f} s ({low:.2f} to {high:.2f}; {processor:.2f} s of the "
        f"processor) of a build of {whole:.2f} s, {len(costs)} runs"
    )
    if n_bytes > MOST_BYTES:
        yield f"over {MOST_BYTES // 1000} kB"
    if pdf > MOST_SECONDS:
        yield f"over {MOST_SECONDS} s"


def main() -> None:
    """Build a report several times and print the cost of its PDF."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", nargs="?", type=Path, default=CONFIG)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.once:
        print(json.dumps(asdict(one_run(asked.config))))
        return
    command = [sys.executable, "-m", "benchmarks.pdf_cost", str(asked.config), "--once"]
    told = (subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(asked.runs))
    for line in lines([Cost(**json.loads(one)) for one in told]):
        print(line)


if __name__ == "__main__":
    main()
