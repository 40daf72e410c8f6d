"""The options of a benchmark run, and the paths of the programs that it runs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PEERS = Path(__file__).parent / "peers"
DIPTYCH: tuple[str | Path, ...] = (sys.executable, "-m", "diptych")
R_PACKAGES = ("rmarkdown", "pheatmap")
NOTHING_KEPT = {"DIPTYCH_CACHE": ""}


@dataclass(frozen=True)
class BenchSettings:
    """The number of rounds (odd), whether long benchmarks are skipped, the work folder, and the peers' Python.

    `hundred`: include 100 million links, unless the long benchmarks are skipped. They take most of an hour.
    """

    rounds: int
    quick: bool
    folder: Path
    python: Path
    hundred: bool = True

    @property
    def why_no_hundred(self) -> str | None:
        """The option that leaves 100 million links out."""
        return "--quick" if self.quick else None if self.hundred else "--no-100-million"

    @property
    def arrow(self) -> dict[str, str]:
        """The environment with pyarrow for the peers' Python (benchmarks/requirements-arrow.txt)."""
        return {"PYTHONPATH": str(self.python.absolute().parents[1] / "arrow")}


def build(config: Path, site: Path) -> tuple[str | Path, ...]:
    """Return the command that builds the report of a config into a site."""
    return (*DIPTYCH, "build", config, "-o", site, "-q")


def rscript() -> str | None:
    """Return the R program if it has the packages of report.Rmd, or None."""
    program = shutil.which("Rscript")
    if program is None:
        return None
    wanted = " && ".join(f'requireNamespace("{name}", quietly = TRUE)' for name in R_PACKAGES)
    found = subprocess.run([program, "-e", f"quit(status = if ({wanted}) 0 else 1)"], capture_output=True, check=False)
    return program if found.returncode == 0 else None
