"""The report of the default example in the classes of publishers: it compiles, and no line is too wide."""

import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from diptych.pipeline.build import build
from tests.contrib.papers.tex import needs_tex, run
from tests.doc_pages import section
from tests.programs import require

pytestmark = [needs_tex, pytest.mark.tex]

ROOT = Path(__file__).parents[3]
PAGE = section("homes.md", "Papers")
DEBIAN = "texlive-publishers texlive-latex-extra texlive-science texlive-fonts-recommended cm-super"
PREAMBLE = r"""
\usepackage{booktabs, graphicx, tabularx}
\newcommand{\DiptychFigures}{report/figures}
\input{report/paper/diptych}
\usepackage{hyperref}
"""
ABSTRACT = r"\begin{abstract}Of \Diptych{left/units} models \Diptych{left/NLP/NLP/percent}.\end{abstract}"
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
\begin{frame}\Diptych{statement/agreement/share_percent}\end{frame}
"""
NO_TABLE = "revtex4-2 cannot set this table"


@cache
def is_installed(name):
    return subprocess.run(["kpsewhich", name], capture_output=True, check=False).returncode == 0


def papers_body(folder):
    """Every figure and table of the report, and numbers in a heading and in text."""
    content = json.loads((folder / "report" / "paper" / "numbers.json").read_text("utf-8"))
    calls = [rf"\DiptychTable{{{name}}}" for name in content["tables"]]
    calls += [rf"\DiptychFigure{{{name}}}" for name in ("main", "classic")]
    return (
        "\\section{All \\Diptych{left/units} models}\nOf these, \\Diptych{left/Multimodal/Multimodal/range}.\n"
        + "\n".join(calls)
    )


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """A folder of papers, with the report of the default example in `report`."""
    folder = tmp_path_factory.mktemp("papers")
    build(ROOT / "config.yaml", folder / "report")
    return folder


def compiled(folder, name):
    """Compile a paper twice, and return whether it compiled and its text."""
    for _ in range(2):
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", name]
        made = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)
        if made.returncode:
            return False, made.stdout.decode(errors="replace")
    return True, " ".join(run("pdftotext", (folder / name).with_suffix(".pdf"), "-").split())


def test_the_paper_of_the_docs_says_what_the_page_promises(tmp_path):
    for title, content in re.findall(r'^```\w+ title="([^"]+)"\n(.*?)^```$', PAGE, re.MULTILINE | re.DOTALL):
        (tmp_path / title).write_text(content, encoding="utf-8")
    shutil.copy(ROOT / "tests" / "public" / "tables" / "penguins.csv", tmp_path)
    build(tmp_path / "config.yaml", tmp_path / "report")
    done, text = compiled(tmp_path, "paper.tex")
    assert done, text
    (promised,) = re.findall(r'After two runs of LaTeX it says "([^"]+)"', PAGE)
    assert promised in text


@pytest.mark.parametrize("least", [400, 4000])
def test_the_examples_of_the_docs_compile_and_a_false_claim_stops(papers, least):
    blocks = re.findall(r"^```latex\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (kit,) = (block for block in blocks if "\\Diptych{left/NLP/CV/given}" in block)
    (claim,) = (block for block in blocks if "\\DiptychClaim" in block)
    (pictures,) = (block for block in blocks if "\\includegraphics{report/figures/main.pdf} " in block)
    preamble, _, body = kit.partition("...\n")
    assert claim.count("> 400}") == 1
    body += claim.replace("> 400}", f"> {least}}}") + pictures
    text = f"\\documentclass{{article}}\n{preamble}\\begin{{document}}\n{body}\\end{{document}}\n"
    (papers / "page.tex").write_text(text, encoding="utf-8")
    done, said = compiled(papers, "page.tex")
    assert done == (least == 400), said
    assert (
        "Of the 435 models trained on NLP data, 0% (at most 3%) are CV models." if done else "The claim is false"
    ) in said


@pytest.mark.parametrize("options", FRONT)
def test_no_line_is_too_wide(papers, options):
    choice, _, name = options.rpartition(":")
    require(is_installed(f"{name}.cls"), f"LaTeX's {name} is not installed: apt-get install {DEBIAN}")
    body = FRAMES if name == "beamer" else f"{FRONT[options]}\n{papers_body(papers)}"
    text = f"\\documentclass[{choice}]{{{name}}}\n{PREAMBLE}\\begin{{document}}\n{body}\n\\end{{document}}\n"
    (papers / f"{name}{bool(choice):d}.tex").write_text(text, encoding="utf-8")
    done, printed = compiled(papers, f"{name}{bool(choice):d}.tex")
    assert done, printed[-2000:]
    log = (papers / f"{name}{bool(choice):d}.log").read_text(encoding="utf-8", errors="replace")
    assert re.findall(r"^Overfull .*", log, re.MULTILINE) == []
    assert "There were undefined references" not in log
    assert "95" in printed
    assert NO_TABLE not in printed
