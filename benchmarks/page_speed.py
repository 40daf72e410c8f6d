"""The size and speed of a page: `python -m benchmarks.page_speed [CONFIG] [--runs 9]`, with Debian's Chromium.

Budgets of the default example, opened from a file: 150 kB in total, first paint under 250 ms (median). Each run starts
a new browser, so that nothing is cached from the previous run.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Playwright, sync_playwright

from benchmarks.page import chromium as find_chromium
from diptych.pipeline.build import build

CONFIG = Path(__file__).parents[1] / "config.yaml"
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def one_run(playwright: Playwright, chromium: str, address: str) -> float:
    """Return the first paint of a page in ms after its opening."""
    browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
    try:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(address)
        page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
        return float(page.evaluate(FIRST_PAINT))
    finally:
        browser.close()


def lines(index: Path, n_runs: int) -> Iterator[str]:
    """Yield the measurements."""
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("Chromium is not installed: apt-get install chromium")
    yield f"page: {index.stat().st_size / 1000:.1f} kB"
    with sync_playwright() as playwright:
        one_run(playwright, chromium, index.as_uri())  # the first start reads the browser from the disk
        times = [one_run(playwright, chromium, index.as_uri()) for _ in range(n_runs)]
    yield f"first paint: median {statistics.median(times):.0f} ms ({min(times):.0f} to {max(times):.0f}; {n_runs} runs)"


def main() -> None:
    """Build a report, open its page and print the measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", nargs="?", type=Path, default=CONFIG)
    parser.add_argument("--runs", type=int, default=9)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        build(asked.config, site)
        for line in lines(site / "index.html", asked.runs):
            print(line)


if __name__ == "__main__":
    main()
