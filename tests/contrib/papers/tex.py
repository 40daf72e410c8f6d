"""Compiling LaTeX in tests: where a TeX distribution is installed; what the run says, and where its words stand."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pikepdf
from lxml import etree

from tests.programs import needs

ENGINES = ("pdflatex", "lualatex")
NEEDED = ("booktabs.sty", "lmodern.sty", "luaotfload.sty")
DEBIAN = "texlive-latex-recommended texlive-luatex lmodern poppler-utils"

PREAMBLE = r"""\usepackage{iftex}
\iftutex\else\usepackage[T1]{fontenc}\usepackage{lmodern}\fi
\usepackage{booktabs, graphicx, tabularx}
"""


@dataclass(frozen=True)
class Word:
    """A word in print: its page from 1, and the ends of its box in points from the upper left corner."""

    text: str
    page: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Compiled:
    """A PDF, and the log of its last run."""

    pdf: Path
    log: str

    @property
    def complaints(self) -> list[str]:
        """What the log says of the pages: text beyond the margin, floats longer than a page, characters left out."""
        wide = [line for line, by in re.findall(r"(Overfull \\.box \(([\d.]+)pt.*)", self.log) if float(by) > 10]
        rest = re.findall(r"(?:Float too large|Missing character|LaTeX Font Warning|.* specifier changed).*", self.log)
        warnings = re.findall(r"(?:LaTeX|Package|pdfTeX) (?:\w+ )?[Ww]arning.*", self.log)
        return wide + rest + [line for line in warnings if "Rerun" not in line and "rerunfilecheck" not in line]

    @cached_property
    def text(self) -> str:
        """Its text in reading order, without any space."""
        return "".join(run("pdftotext", self.pdf, "-").split())

    def outside(self, margin: float, foot: float) -> list[Word]:
        """Words nearer than `margin` to an edge of the page, or `foot` to the lower one.

        A point is given away. Of the height only the middle counts: boxes are as high as the font's tallest letter.
        """
        tree = etree.fromstring(run("pdftotext", "-bbox", self.pdf, "-").encode(), etree.XMLParser(recover=True))
        found = []
        for number, page in enumerate(tree.iter("{*}page"), 1):
            width, height = float(page.get("width")), float(page.get("height"))
            for node in page.iter("{*}word"):
                box = [float(node.get(name)) for name in ("xMin", "yMin", "xMax", "yMax")]
                middle = (box[1] + box[3]) / 2
                across = margin - 1 <= box[0] and box[2] <= width - margin + 1
                if not across or not margin <= middle <= height - foot:
                    found.append(Word(node.text or "", number, *box))
        return found


def run(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


@cache
def is_installed() -> bool:
    """Whether everything that compiling takes is there: Debian's smallest TeX has the programs without their files."""
    programs = (*ENGINES, "kpsewhich", "pdftotext")
    if any(shutil.which(program) is None for program in programs):
        return False
    return subprocess.run(["kpsewhich", *NEEDED], capture_output=True, check=False, timeout=60).returncode == 0


needs_tex = needs(is_installed(), f"TeX is not installed: apt-get install {DEBIAN}")


def compiled(folder: Path, name: str, program: str, runs: int = 1) -> Compiled:
    """Compile `paper/<name>.tex` of a site; the test fails where it does not compile."""
    for _ in range(runs):
        done = subprocess.run(
            [program, "-interaction=nonstopmode", "-halt-on-error", f"-jobname={name}-{program}", name],
            cwd=folder / "paper",
            env={**os.environ, "max_print_line": "10000"},
            capture_output=True,
            timeout=120,
            check=False,
        )
        said = done.stdout.decode(errors="replace")
        assert done.returncode == 0, said[-2000:]
    made = folder / "paper" / f"{name}-{program}"
    return Compiled(made.with_suffix(".pdf"), made.with_suffix(".log").read_text("utf-8", errors="replace"))


def site_of(folder: Path, files: dict[str, bytes]) -> Path:
    """Write the files of a site into a folder, with a picture for every figure that they show."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
        for name in re.findall(rb"\\DiptychFigures/([^}]+)}", content):
            (folder / "figures").mkdir(exist_ok=True)
            with pikepdf.new() as picture:
                picture.add_blank_page(page_size=(510, 230))
                picture.save(folder / "figures" / name.decode())
    return folder


def paper(folder: Path, name: str, body: str, options: str = "", more: str = "") -> None:
    """Write `paper/<name>.tex`: an article around the report's file with `more` in its preamble."""
    text = f"\\documentclass[{options}]{{article}}\n{PREAMBLE}{more}\\input{{diptych}}\n"
    path = folder / "paper" / f"{name}.tex"
    path.write_text(f"{text}\\begin{{document}}\n{body}\n\\end{{document}}\n", "utf-8")
