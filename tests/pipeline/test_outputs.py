"""What a build makes: the files asked for and no others, links that lead somewhere, figures of every measure."""

import csv
import json
import re
from pathlib import Path
from urllib.parse import unquote

import pikepdf
import pytest

from diptych.pipeline import build
from diptych.renderers import DATA_FILES
from diptych.stats.measures import MEASURES
from tests.pages import lost
from tests.pipeline.projects import END, write_project

pytestmark = pytest.mark.slow

FIGURES = {
    *(f"figures/main{panel}.{ending}" for panel in ("", "-left", "-right") for ending in ("svg", "vl.json")),
    *(f"figures/main.{ending}" for ending in ("png", "pdf")),
}
PAPER = {"paper/numbers.json", "paper/diptych.tex", "paper/diptych.typ"}
CITED = {"CITATION.cff", "citation.bib"}
DATA = {"report.json", "data/left.csv", "data/right.csv", *DATA_FILES} - {
    "data/claims.json",
    "data/notes.csv",
    "data/strata.csv",
}
"""All but what is of authored text, of many notes, and of strata."""

SUBSETS = [
    ("[html]", {"index.html", *CITED}),
    ("[pdf]", {"report.pdf", *CITED}),
    ("[data]", DATA),
    ("[figures]", FIGURES),
    ("[html, figures]", {"index.html", *CITED, *FIGURES}),
    ("[html, data]", {"index.html", *CITED, *DATA}),
    ("[markdown]", {"report.md", *CITED, *FIGURES}),
    ("[paper]", {*PAPER, *CITED, *FIGURES}),
    ("[html, pdf: {paper: letter}, figures: {width: single}]", {"index.html", "report.pdf", *CITED, *FIGURES}),
]


def made(folder: Path, edits=None, files=None) -> Path:
    """Build a project into `site` and return that, after looking at every link of its page and its Markdown."""
    write_project(folder, edits, files, outputs=None)
    site = folder / "site"
    build(folder / "config.yaml", site)
    linked = []
    assert lost(site) == []
    if (site / "report.md").exists():
        linked += re.findall(r"(?<!\\)\]\(([^)]+)\)", (site / "report.md").read_text(encoding="utf-8"))
    if (site / "paper").exists():
        text = (site / "paper" / "diptych.tex").read_text(encoding="utf-8")
        linked += [f"figures/{name}" for name in re.findall(r"\\DiptychFigures/([^}]+)}", text)]
        figures = json.loads((site / "paper" / "numbers.json").read_text(encoding="utf-8"))["figures"]
        linked += [f"figures/{name}.svg" for name in figures]
    local = {unquote(link) for link in linked if not re.match(r"#|data:|https?:", link)}
    assert {link for link in local if not (site / link).is_file()} == set()
    return site


def names(site: Path) -> set[str]:
    return {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()} - {"manifest.json"}


@pytest.mark.parametrize(("outputs", "files"), SUBSETS, ids=[case[0] for case in SUBSETS])
def test_a_subset_of_outputs(outputs, files, tmp_path):
    assert names(made(tmp_path, {END: f"{END}outputs: {outputs}\n"})) == files


def test_everything_where_nothing_is_said(tmp_path):
    made_files = {"index.html", "report.pdf", "report.md", *PAPER, *CITED, *FIGURES, *DATA}
    assert names(made(tmp_path)) == made_files


def test_a_figure_for_each_measure(tmp_path):
    panels = "".join(
        f"  - {{id: of_{name}, relation: trained_on, given: datasets, outcome: models, measure: {name}}}\n"
        for name in MEASURES
    )
    site = made(tmp_path, {END: f"{END}panels:\n{panels}outputs: [figures, data]\n"})
    for name in MEASURES:
        assert (site / "figures" / f"{name}.svg").is_file()
        with (site / "data" / f"of_{name}.csv").open(encoding="utf-8") as file:
            assert [row["n_joint"] for row in csv.DictReader(file)] == ["1", "1", "0", "2"]


def test_one_category_and_one_unit(tmp_path):
    site = made(tmp_path, {", {name: B, match: b}": ""}, {"k.csv": "s,t\nd1,m1\n"})
    with (site / "data" / "left.csv").open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["n_joint"], row["n_units"], row["value"], row["state"]) == ("1", "1", "1", "few")


NASTY = ['<&"%_~^\\{}#$', "=1+1", "a|b*c_d`e`", "</script><b>x", "[l](javascript:x)", "tab\there"]


def test_nasty_labels_reach_every_format(tmp_path):
    categories = ", ".join(f"{{name: {json.dumps(name)}, match: l{n}}}" for n, name in enumerate(NASTY))
    items = "".join(f"i{number},l{number % len(NASTY)}\n" for number in range(72))
    links = "".join(f"i{number},i{number}\n" for number in range(72))
    site = made(
        tmp_path,
        {
            "{name: A, match: a}, {name: B, match: b}": categories,
            "{title: T}": f"{{title: {json.dumps(NASTY[0])}}}",
        },
        {"d.csv": f"id,l\n{items}", "m.csv": f"id,l\n{items}", "k.csv": f"s,t\n{links}"},
    )
    with (site / "data" / "left.csv").open(encoding="utf-8", newline="") as file:
        given = list(dict.fromkeys(row["given"] for row in csv.DictReader(file)))
    assert given == [NASTY[0], "'=1+1", *NASTY[2:]]
    page = (site / "index.html").read_text(encoding="utf-8")
    assert "<b>" not in page
    assert page.count("</script>") == page.count("<script")
    assert "&lt;/script&gt;&lt;b&gt;x" in page
    with pikepdf.open(site / "report.pdf") as pdf:
        assert str(pdf.docinfo["/Title"]) == NASTY[0]
    markdown = (site / "report.md").read_text(encoding="utf-8")
    assert "\\[l\\](javascript:x)" in markdown
    assert "(javascript" not in markdown.replace("\\](javascript", "")
    tex = (site / "paper" / "diptych.tex").read_text(encoding="utf-8")
    assert r"\textless{}\&" in tex or r"<\&" in tex
