"""What a build makes: the files asked for and no others, links that lead somewhere, figures of every measure."""

import csv
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pikepdf
import pytest

from diptych.errors import RenderError
from diptych.measures import MEASURES
from diptych.pipeline import build
from diptych.renderers import DATA_FILES
from tests.draws import draws
from tests.pipeline.projects import END, LINKS, write_project

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


NO_TAXONOMY = "taxonomy:\n  categories: [{name: A, match: a}, {name: B, match: b}]\n"


class Page(HTMLParser):
    """Ids of a page, and where its links lead."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):  # noqa: ARG002
        named = dict(attrs)
        self.ids += [named["id"]] if named.get("id") else []
        self.links += [value for name in ("href", "src") if (value := named.get(name))]


def made(folder: Path, edits=None, files=None) -> Path:
    """Build a project into `site` and return that, after looking at every link of its page and its Markdown."""
    write_project(folder, edits, files, outputs=None)
    site = folder / "site"
    build(folder / "config.yaml", site)
    linked = []
    if (site / "index.html").exists():
        page = Page(site / "index.html")
        assert len(page.ids) == len(set(page.ids))
        linked += page.links
        assert {link[1:] for link in linked if link.startswith("#")} <= set(page.ids)
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


TWO_RELATIONS = {"relations:\n": "relations:\n  owners: {shared: {key: owner, entities: [datasets, models]}}\n"}


def test_panels_of_two_relations_in_one_figure(tmp_path):
    site = made(tmp_path, {**TWO_RELATIONS, END: f"{END}outputs: [markdown]\n"})
    text = (site / "report.md").read_text(encoding="utf-8")
    assert text.count("](figures/main.svg)") == 1  # the file that its caption names
    assert text.count("](figures/main.png)") == 2  # the figure, which pandoc can put into Word, and its file


def test_a_panel_in_no_figure_is_data_alone(tmp_path):
    more = """\
panels:
  - {id: a, relation: trained_on, given: datasets, outcome: models}
  - {id: b, relation: trained_on, given: models, outcome: datasets}
figures: [{id: only, panels: [b]}]
outputs: [html, data]
"""
    site = made(tmp_path, {END: END + more})
    assert (site / "data" / "a.csv").exists()
    page = Page(site / "index.html")
    assert "data/a.csv" in page.links
    assert "Dataset by Model" in (site / "index.html").read_text(encoding="utf-8")


def test_a_kind_with_itself(tmp_path):
    site = made(tmp_path, {LINKS: "shared: {key: owner, entities: [models, models]}"})
    with (site / "data" / "left.csv").open(encoding="utf-8") as file:
        assert [row["state"] for row in csv.DictReader(file)] == ["masked", "few", "few", "masked"]


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


def test_characters_that_no_drawing_can_have(tmp_path):
    """They would end the whole process that draws; they are shown as escapes, in data files too."""
    labels = ("a\abc", "line\nbreak", "\x00", "\ufffe")
    records = "records: {source: r.jsonl, rows: {column: x}, columns: {column: y}}"
    rows = "".join(json.dumps({"x": name, "y": "z"}) + "\n" for name in (*labels, "b", "b"))
    site = made(tmp_path, {LINKS: records, NO_TAXONOMY: ""}, {"r.jsonl": rows})
    assert (site / "report.pdf").is_file()
    with (site / "data" / "left.csv").open(encoding="utf-8", newline="") as file:
        assert {row["given"] for row in csv.DictReader(file)} == {
            *("a\\u0007bc", "line\nbreak", "\\u0000", "\\ufffe"),
            "b",
        }


def test_missing_characters_are_named(tmp_path):
    write_project(tmp_path, {"name: B": "name: שלום", END: f"{END}outputs: [pdf]\n"})
    with pytest.raises(RenderError) as caught:
        build(tmp_path / "config.yaml", tmp_path / "site")
    assert str(caught.value) == (
        "report.pdf: no font has the Hebrew characters ש ל ו ם; name a font file that has them, such as Noto Sans "
        "Hebrew, under fonts: [...], or fonts: system for one of this machine"
    )


@pytest.mark.parametrize("n", [66, 130][: draws(1, 2)])
def test_many_categories(n, tmp_path):
    """More than one word of bits holds them. By day nothing is drawn: tests/renderers/test_pdf_smallest_text.py draws."""
    records = 'records: {source: r.csv, rows: {column: x, separator: "|"}, columns: {column: y}}'
    rows = "".join(f"c{i % n}|c{i * 7 % n},c{i * 3 % n}\n" for i in range(3000))
    site = made(tmp_path, {LINKS: records, NO_TAXONOMY: ""}, {"r.csv": f"x,y\n{rows}"})
    with (site / "data" / "left.csv").open(encoding="utf-8") as file:
        cells = list(csv.DictReader(file))
    assert len(cells) == n * len({row["outcome"] for row in cells})
    # each record has one column label, so the joint counts of a row sum to the units of that row
    first = [row for row in cells if row["given"] == cells[0]["given"]]
    assert sum(int(row["n_joint"]) for row in first) == int(first[0]["n_given"])
