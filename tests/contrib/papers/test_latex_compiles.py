"""Papers with the file for LaTeX compile, and what is printed is right: run where a TeX distribution is installed."""

import re
from dataclasses import replace

import pytest

from diptych.contrib.papers.numbers import paper_content
from diptych.contrib.papers.output import render_paper
from diptych.document import Column, Section, TableBlock
from tests.contrib.papers.papers import with_statements
from tests.contrib.papers.tex import ENGINES, PREAMBLE, compiled, needs_tex, paper, site_of
from tests.renderers.documents import demo, nasty, small

pytestmark = [needs_tex, pytest.mark.tex]

FOOT = 30.0
FULL_PAGE = {"11pt": 100.0, "twocolumn": 50.0}
"""The margin of `article` on a page of letter paper, by its options, or a little less."""


def everything(document):
    """The body of a paper with every table and figure of a document, and its title, date and version."""
    tables = "".join(rf"\DiptychTable{{{name}}}" for name in paper_content(document)["tables"])
    figures = "".join(rf"\DiptychFigure{{{figure.id}}}" for figure in document.figures)
    return rf"\Diptych{{title}}, \Diptych{{date}}, \Diptych{{version}}{tables}{figures}"


@pytest.mark.parametrize(
    ("document", "program"),
    [(small, "pdflatex"), (nasty, "pdflatex"), (nasty, "lualatex"), (demo, "pdflatex")],
)
def test_tables_and_figures_keep_within_the_page(tmp_path, document, program):
    site = site_of(tmp_path, render_paper(document()))
    paper(site, "all", everything(document()), "11pt")
    made = compiled(site, "all", program)
    assert made.complaints == []
    assert made.outside(FULL_PAGE["11pt"], FOOT) == []
    for table in paper_content(document())["tables"].values():
        assert all("".join(row[0].split()) in made.text for row in table["rows"])


def _long(n_rows):
    """A table whose fields go over several lines, with names that have no space."""
    rows = tuple(
        (
            f"item_{i}_with/a/long.identifier_that_has_no_space",
            str(i),
            "words that go on for more than a line, as remarks do, " * (1 + i % 3),
            "short",
        )
        for i in range(n_rows)
    )
    columns = (Column("Name"), Column("n", "right"), Column("Remark"), Column("Another remark"))
    return TableBlock("long", "Long rows", columns, rows, source="data/left.csv")


def _short(n_columns, n_rows):
    columns = tuple(Column(f"Column {i}") for i in range(n_columns))
    rows = tuple(tuple(f"r{j}c{i}" for i in range(n_columns)) for j in range(n_rows))
    return TableBlock(f"short-{n_columns}", "Short fields", columns, rows)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A report with tables that are longer, and wider, than a page."""
    tables = Section("tables", "Tables", (_long(40), _short(2, 120), _short(16, 3)))
    return site_of(tmp_path_factory.mktemp("large"), render_paper(replace(small(), sections=(tables,))))


@pytest.mark.parametrize("program", ENGINES)
@pytest.mark.parametrize("options", FULL_PAGE)
def test_long_and_wide_tables_keep_within_the_page(large, program, options):
    body = r"\DiptychTable{long}\DiptychTable{short-2}\DiptychTable{short-16}"
    paper(large, f"page{options}", body, options)
    made = compiled(large, f"page{options}", program)
    assert made.complaints == []
    assert made.outside(FULL_PAGE[options], FOOT) == []
    assert all(f"item_{i}_with/a/long.identifier_that_has_no_space" in made.text for i in range(40))
    assert all(f"r{j}c1" in made.text for j in range(120))
    assert re.search(r"Table2:Shortfields\(\d+parts\)", made.text)
    assert "Table2,part2of" in made.text
    assert "Table3:Shortfields" in made.text


def test_the_file_can_be_read_in_the_text_and_twice(tmp_path):
    site = site_of(tmp_path, render_paper(small()))
    body = r"\input{diptych}\input{diptych}\section{All \Diptych{left/units} models}\DiptychTable{cells}"
    text = f"\\documentclass{{article}}\n{PREAMBLE}\\usepackage{{hyperref}}\\begin{{document}}{body}\\end{{document}}\n"
    (site / "paper" / "body.tex").write_text(text, "utf-8")
    made = compiled(site, "body", "pdflatex", runs=2)
    assert made.complaints == []
    assert made.text.count("Cellsthatmatter.") == 1


STRANGE = ("数据", "שלום", "e\N{COMBINING ACUTE ACCENT}x", "👩🏽‍🔬", "ﬀ™", "Привет_мир")


@pytest.mark.parametrize("program", ENGINES)
def test_a_character_that_the_font_lacks_is_printed_as_its_code(tmp_path, program):
    site = site_of(tmp_path, render_paper(replace(small(), title=" ".join(STRANGE))))
    paper(site, "strange", r"\raggedright\Diptych{title}")
    made = compiled(site, "strange", program)
    assert made.complaints == []
    for code in ("6570", "636E", "05E9", "05DC", "1F469", "200D", "041F"):
        assert f"[U+{code}]" in made.text
    assert "éx" in made.text
    assert "_[U+043C]" in made.text


@pytest.mark.parametrize("program", ENGINES)
def test_every_number_has_its_name(tmp_path, program):
    document = with_statements()
    site = site_of(tmp_path, render_paper(document))
    numbers = paper_content(document)["numbers"]
    body = "\n\n".join(rf"{n}: \Diptych{{{name}}};" for n, name in enumerate(numbers))
    more = r"calculated: \fpeval{round(100*\DiptychValue{left/NLP/CV/value})};"
    paper(site, "text", f"{body}\n\n{more}")
    made = compiled(site, "text", program)
    assert made.complaints == []
    assert "calculated:25;" in made.text
    for n, number in enumerate(numbers.values()):
        assert f"{n}:{''.join(number['text'].split())};" in made.text


@pytest.mark.parametrize(
    ("code", "stopped"),
    [
        (r"\DiptychClaim{\DiptychValue{left/units} >= 6}{many}", None),
        (r"\DiptychClaim{\DiptychValue{left/units} < 0.5*12}{many}", "The claim is false"),
        (r"\Diptych{left/nlp/CV/count}", "DiptychHasNoSuchName"),
    ],
)
def test_false_claims_and_unknown_names_stop_the_run(tmp_path, code, stopped):
    site = site_of(tmp_path, render_paper(small()))
    paper(site, "claim", f"These are {code}.")
    if stopped is None:
        assert "Thesearemany." in compiled(site, "claim", "pdflatex").text
    else:
        with pytest.raises(AssertionError, match=stopped):
            compiled(site, "claim", "pdflatex")
