"""The default example with an empty and with a full cache, compared with two heatmaps made by hand."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.budgets import Budget, Section
from benchmarks.child import Run, alternating, cpu_ratio, median, ratio, run
from benchmarks.counts import require_same
from benchmarks.pages import markdown_table
from benchmarks.settings import PEERS, ROOT, BenchSettings, build, rscript

CONFIG = ROOT / "config.yaml"
COLD, WARM = "Diptych, nothing kept", "Diptych, nothing changed"
PAGE, TEXT = "Diptych, the page alone, nothing kept", "Diptych, a sentence more in the authored text"
SEABORN, NOTEBOOK = "pandas, seaborn and Jinja", "the same as a notebook, nbconvert --execute"
R_MARKDOWN = "R Markdown and pheatmap"

_RENDER = (
    "a <- commandArgs(TRUE); rmarkdown::render(a[1], output_file = 'index.html', output_dir = a[3], "
    "intermediates_dir = a[3], quiet = TRUE, params = list(config = a[2], output = a[3]))"
)


def cold(folder: Path) -> Run:
    """Build the default example into a folder, with an empty cache."""
    number = len(list(folder.glob("cache-*")))
    return run(build(CONFIG, folder / "cold"), cwd=ROOT, env={"DIPTYCH_CACHE": str(folder / f"cache-{number}")})


def _warm(folder: Path) -> Run:
    return run(build(CONFIG, folder / "warm"), cwd=ROOT, env={"DIPTYCH_CACHE": str(folder / "kept")})


_PAGE_ALONE = """
import sys, yaml, diptych
config = yaml.safe_load(open("config.yaml", encoding="utf-8"))
diptych.build({**config, "outputs": ["html"]}, sys.argv[1], cache=False)
"""
_MORE_TEXT = """
import sys, time, shutil, yaml, diptych
text = sys.argv[1] + "-text"
shutil.copytree("text", text, dirs_exist_ok=True)
with open(text + "/overview.md", "a", encoding="utf-8") as file:
    file.write(f"\\nA sentence of {time.strftime('%H:%M:%S')}.\\n")
config = yaml.safe_load(open("config.yaml", encoding="utf-8"))
diptych.build({**config, "text": {"folder": text, "on_false_claim": "error"}}, sys.argv[1])
"""


def _page_alone(folder: Path) -> Run:
    return run([sys.executable, "-c", _PAGE_ALONE, folder / "page"], cwd=ROOT)


def _more_text(folder: Path) -> Run:
    """Build with new text, from kept counts."""
    command = [sys.executable, "-c", _MORE_TEXT, folder / "more"]
    return run(command, cwd=ROOT, env={"DIPTYCH_CACHE": str(folder / "kept")})


def _seaborn(folder: Path, python: Path) -> Run:
    return run([python, PEERS / "seaborn_report.py", CONFIG, folder])


def _notebook(folder: Path, python: Path) -> Run:
    options = ("--execute", "--to", "html", "--output-dir", folder)
    env = {"ANALYSIS_CONFIG": str(CONFIG), "ANALYSIS_OUTPUT": str(folder)}
    return run((python, "-m", "jupyter", "nbconvert", *options, PEERS / "analysis.ipynb"), env=env)


def _r_markdown(folder: Path, program: str) -> Run:
    return run([program, "-e", _RENDER, PEERS / "report.Rmd", CONFIG, folder])


def jobs(asked: BenchSettings) -> tuple[dict[str, Callable[[], Run]], dict[str, Path]]:
    """Return each contestant, and the output folder of each peer."""
    folders = {SEABORN: asked.folder / "seaborn", NOTEBOOK: asked.folder / "notebook"}
    found: dict[str, Callable[[], Run]] = {
        COLD: functools.partial(cold, asked.folder),
        PAGE: functools.partial(_page_alone, asked.folder),
        TEXT: functools.partial(_more_text, asked.folder),
        WARM: functools.partial(_warm, asked.folder),
        SEABORN: functools.partial(_seaborn, folders[SEABORN], asked.python),
        NOTEBOOK: functools.partial(_notebook, folders[NOTEBOOK], asked.python),
    }
    program = rscript()
    if program:
        folders[R_MARKDOWN] = asked.folder / "r-markdown"
        found[R_MARKDOWN] = functools.partial(_r_markdown, folders[R_MARKDOWN], program)
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    return found, folders


def measure(asked: BenchSettings) -> Section:
    """Run all contestants in turn, compare the peers with the site's counts, and judge."""
    found, folders = jobs(asked)
    for (
        job
    ) in found.values():  # caches of fonts and of compiled modules are filled, and so is Diptych's for the rebuild
        job()
    for name, folder in folders.items():
        require_same(asked.folder / "cold", folder / "counts.csv", name, left="left", right="right")
    runs = alternating(found, asked.rounds)
    rows = []
    for name, taken in runs.items():
        one = median(taken)
        rows.append(
            {
                "": name,
                "seconds": f"{one.seconds:.2f}",
                "CPU seconds": f"{one.cpu:.2f}",
                "memory, MB": f"{one.peak_mb:.0f}",
                "Diptych, nothing kept, over this": f"{ratio(runs[COLD], taken):.2f}",
            }
        )
    missing = "" if R_MARKDOWN in runs else "\nR with rmarkdown and pheatmap is not installed here.\n"
    text = (
        f"Medians over rounds, of the ratios too (rounds: {asked.rounds}). Diptych makes all of "
        "`config.yaml`'s outputs; the others read the same files, come to the same counts (compared cell by cell) "
        "and draw two heatmaps into one HTML page.\n\n"
    )
    cold_runs, seaborn = runs[COLD], runs[SEABORN]
    return Section(
        "Default example",
        text + markdown_table("", rows) + missing,
        (
            Budget("cold-seaborn", "cold build over the seaborn script", ratio(cold_runs, seaborn), 1.25, " times"),
            Budget("cold-seaborn-cpu", "the same by processor time", cpu_ratio(cold_runs, seaborn), 2, " times"),
            Budget("page-seaborn", "the page alone over the same script", ratio(runs[PAGE], seaborn), 1, " times"),
            Budget("cold-nbconvert", "cold build over the notebook", ratio(cold_runs, runs[NOTEBOOK]), 0.6, " times"),
            Budget("warm", "rebuild, nothing changed", median(runs[WARM]).seconds, 0.25, " s"),
            Budget("more-text", "text changed, over the cold build", ratio(runs[TEXT], cold_runs), 1 / 3, " times"),
        ),
    )
