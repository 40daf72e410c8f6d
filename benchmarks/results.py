"""benchmarks/results.md: the machine, the versions, the budgets, the results of each benchmark, and past attempts."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.budgets import Section, budget_rows
from benchmarks.child import output_of
from benchmarks.pages import markdown_table
from benchmarks.settings import R_PACKAGES, BenchSettings, rscript

PAGE = Path(__file__).parent / "results.md"
NOTES = Path(__file__).parent / "notes.md"
OURS = ("altair", "duckdb", "jinja2", "narwhals", "numpy", "pandas", "typst", "vl-convert-python")
THEIRS = ("duckdb", "ipykernel", "jinja2", "matplotlib", "nbconvert", "numpy", "pandas", "pyarrow", "seaborn")

INTRODUCTION = """Written by `make bench`. Seconds are by the clock, CPU seconds those of all cores; memory is the most
that all processes of a run held at one time. Contestants run by turns.
"""

_VERSIONS = (
    "import json, sys; from importlib.metadata import version; print(json.dumps({n: version(n) for n in sys.argv[1:]}))"
)


def machine() -> dict[str, str]:
    """Return a description of the machine, and its load at the time."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "cores": str(cores),
        "processor": _processor(),
        "memory": f"{memory:.1f} GB",
        "system": _system(),
        "Python": platform.python_version(),
        "load before the start": f"{os.getloadavg()[0]:.1f}",
    }


def versions(asked: BenchSettings) -> dict[str, str]:
    """Return the versions of the measured programs and of their peers."""
    found = {"Diptych": version("diptych"), "its packages": _listed({name: version(name) for name in OURS})}
    found["packages of the peers"] = _listed(
        json.loads(output_of([asked.python, "-c", _VERSIONS, *THEIRS], env=asked.arrow))
    )
    program = rscript()
    if program is None:
        return {**found, "R": "not installed, or without rmarkdown and pheatmap"}
    wanted = ", ".join(f'"{name}"' for name in R_PACKAGES)
    script = f"cat(as.character(getRversion()), sapply(c({wanted}), function(p) as.character(packageVersion(p))))"
    r, *packages = output_of([program, "-e", script]).split()
    return {**found, "R": f"{r}; {_listed(dict(zip(R_PACKAGES, packages, strict=True)))}"}


def results_page(
    about: Mapping[str, str], versions_: Mapping[str, str], sections: Sequence[Section], known: Mapping[str, str]
) -> str:
    """Return the whole page."""
    budgets = [budget for section in sections for budget in section.budgets]
    parts = [
        "# Benchmarks\n",
        INTRODUCTION,
        "## Machine\n",
        markdown_table("", [{"": name, "here": text} for name, text in {**about, **versions_}.items()]),
        "## Budgets\n",
        markdown_table("", budget_rows(budgets, known)),
        *(part for section in sections for part in (f"## {section.title}\n", section.text)),
        NOTES.read_text(encoding="utf-8"),
    ]
    return "\n".join(parts)


def _listed(found: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in found.items())


def _processor() -> str:
    """Return the processor's name, if the system reports it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    sysctl = shutil.which("sysctl")
    if sysctl:
        found = subprocess.run([sysctl, "-n", "machdep.cpu.brand_string"], capture_output=True, text=True, check=False)
        return found.stdout.strip() or platform.machine()
    return platform.machine()


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return f"{platform.system()} {platform.release()}"
