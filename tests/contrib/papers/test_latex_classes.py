"""The report of the default example in the classes of publishers: it compiles, and no line is too wide."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from diptych.api import build
from tests.contrib.papers.tex import needs_tex, run

pytestmark = [needs_tex, pytest.mark.tex]

ROOT = Path(__file__).parents[3]
DEBIAN = "texlive-publishers texlive-latex-extra texlive-science texlive-fonts-recommended cm-super"
PREAMBLE = r"""
\usepackage{booktabs, graphicx, tabularx}
\usepackage[table]{xcolor}
\newcommand{\DiptychFigures}{report/figures}
\input{report/latex/numbers}
\input{report/latex/tables}
\usepackage{hyperref}
"""
ABSTRACT = r"\begin{abstract}\DiptychAbstract\end{abstract}"
FRONT = {
    "article": r"\title{A}\author{B}\maketitle",
    "twocolumn:article": r"\title{A}\author{B}\maketitle",
    "conference:IEEEtran": rf"\title{{A}}\author{{\IEEEauthorblockN{{B}}}}\maketitle{ABSTRACT}",
    "sigconf,nonacm:acmart": rf"\title{{A}}\author{{B}}\affiliation{{\institution{{C}}\country{{D}}}}{ABSTRACT}\maketitle",
    "preprint:elsarticle": rf"\begin{{frontmatter}}\title{{A}}\author{{B}}{ABSTRACT}\end{{frontmatter}}",
    "llncs": rf"\title{{A}}\author{{B}}\institute{{C}}\maketitle{ABSTRACT}",
    "aps,prl,reprint:revtex4-2": rf"\title{{A}}\author{{B}}{ABSTRACT}\maketitle",
    "beamer": "",
}
"""The text before the report, by class and its options."""

FRAMES = r"""
\begin{frame}\includegraphics[width=\textwidth]{report/figures/main.pdf}\end{frame}
\begin{frame}\footnotesize\DiptychTableMatrixLeft\end{frame}
"""
NO_TABLE = "revtex4-2 cannot set this table"


@cache
def is_installed(name):
    return subprocess.run(["kpsewhich", name], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """A folder of papers, with the report of the default example in `report`."""
    folder = tmp_path_factory.mktemp("papers")
    build(ROOT / "config.yaml", folder / "report")
    return folder


@pytest.mark.parametrize("options", FRONT)
def test_no_line_is_too_wide(papers, options):
    choice, _, name = options.rpartition(":")
    if not is_installed(f"{name}.cls"):
        pytest.skip(f"LaTeX's {name} is not installed: apt-get install {DEBIAN}")
    body = FRAMES if name == "beamer" else f"{FRONT[options]}\n\\input{{report/latex/report}}"
    text = f"\\documentclass[{choice}]{{{name}}}\n{PREAMBLE}\\begin{{document}}\n{body}\n\\end{{document}}\n"
    (papers / f"{name}{bool(choice):d}.tex").write_text(text, encoding="utf-8")
    for _ in range(2):
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", f"{name}{bool(choice):d}.tex"]
        made = subprocess.run(command, cwd=papers, capture_output=True, check=False, timeout=120)
        assert made.returncode == 0, made.stdout[-2000:]
    log = (papers / f"{name}{bool(choice):d}.log").read_text(encoding="utf-8", errors="replace")
    assert re.findall(r"^Overfull .*", log, re.MULTILINE) == []
    assert "There were undefined references" not in log
    printed = " ".join(run("pdftotext", papers / f"{name}{bool(choice):d}.pdf", "-").split())
    assert "95" in printed
    assert (NO_TABLE in printed) == (name == "revtex4-2")
