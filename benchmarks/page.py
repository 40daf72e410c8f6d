"""Sizes of pages and PDFs, and the requests and accessibility faults of the default example's page in a browser.

`python -m benchmarks.page SITE` prints the latter for a built site as JSON. It needs Chromium.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from benchmarks.budgets import Budget, Section, Skipped
from benchmarks.child import output_of, run
from benchmarks.pages import markdown_table
from benchmarks.settings import NOTHING_KEPT, ROOT, BenchSettings, build

CONFIGS = {
    "default example": ROOT / "config.yaml",
    "examples/survey": ROOT / "examples" / "survey" / "config.yaml",
    "examples/rodents": ROOT / "examples" / "rodents" / "config.yaml",
    "examples/published": ROOT / "examples" / "published" / "config.yaml",
}
MOST_KB = 150
_PAGE, _REQUESTS, _AXE = ("page-size", "page-requests", "page-axe")
_WORDS = {
    _PAGE: "page of the default example",
    _REQUESTS: "requests of that page",
    _AXE: "axe violations of that page, light and dark",
}


def in_browser(site: Path) -> dict[str, int]:
    """Return the bytes of a page, its requests, and the axe rules that it violates."""
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped] # noqa: PLC0415 - the process that measures stays small
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    index = (site / "index.html").resolve()
    asked: list[str] = []
    violations = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
            page.on("request", lambda request: asked.append(request.url))
            page.goto(index.as_uri())
            page.wait_for_load_state("networkidle")
            violations += Axe().run(page).violations_count
        browser.close()
    others = [address for address in asked if address != index.as_uri() and not address.startswith("data:")]
    return {
        _PAGE: index.stat().st_size,
        _REQUESTS: len(others),
        _AXE: violations,
    }


def chromium() -> str | None:
    """Return the path of Chromium, or None."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def measure(asked: BenchSettings) -> Section:
    """Build the examples, measure their size, and open the first in a browser."""
    rows = []
    for name, config in CONFIGS.items():
        site = asked.folder / "pages" / config.parent.name
        took = run(build(config, site), cwd=ROOT, env=NOTHING_KEPT)
        page, pdf = (f"{(site / made).stat().st_size / 1e3:,.0f}" for made in ("index.html", "report.pdf"))
        rows.append({"": name, "page, kB": page, "PDF, kB": pdf, "memory of the build, MB": f"{took.peak_mb:.0f}"})
    text = markdown_table("report", rows)
    default = asked.folder / "pages" / ROOT.name
    if chromium() is None:
        why = "Chromium is not installed here"
        return Section("Page", text, tuple(Skipped(name, work, why) for name, work in _WORDS.items()))
    found = json.loads(output_of([sys.executable, "-m", "benchmarks.page", default], cwd=ROOT))
    speed = output_of([sys.executable, "-m", "benchmarks.page_speed", "--runs", str(asked.rounds)], cwd=ROOT)
    return Section(
        "Page",
        f"{text}\n`python -m benchmarks.page_speed`:\n\n```text\n{speed}```\n",
        (
            Budget(_PAGE, _WORDS[_PAGE], found[_PAGE] / 1e3, MOST_KB, " kB", strict=True),
            Budget(_REQUESTS, _WORDS[_REQUESTS], found[_REQUESTS], 0),
            Budget(_AXE, _WORDS[_AXE], found[_AXE], 0),
        ),
    )


def main() -> None:
    """Print the measurements of a site's page in a browser."""
    print(json.dumps(in_browser(Path(sys.argv[1]))))


if __name__ == "__main__":
    main()
