"""The fragments compile as they stand, and what is printed is right: run where a TeX distribution is installed."""

import csv
import io
import re
from dataclasses import replace

import pytest

from diptych.contrib.papers.escapes import latex
from diptych.contrib.papers.latex import render_latex
from diptych.document.model import Column, Section, TableBlock
from diptych.renderers.data import panel_csv
from diptych.renderers.outline import table_blocks
from tests.contrib.papers.papers import with_statements
from tests.contrib.papers.tex import ENGINES, PREAMBLE, compiled, needs_tex, paper, site_of
from tests.renderers.documents import demo, nasty, small

pytestmark = [needs_tex, pytest.mark.tex]

MARGIN, FOOT = 62.4, 30.0
"""Of the example: 22 mm, and above the number of the page."""

FULL_PAGE = {"11pt": 100.0, "twocolumn": 50.0}
"""The margin of `article` on a page of letter paper, by its options, or a little less."""


@pytest.mark.parametrize(
    ("document", "program"),
    [(small, "pdflatex"), (nasty, "pdflatex"), (nasty, "lualatex"), (demo, "pdflatex")],
)
def test_the_example_compiles(tmp_path, document, program):
    made = compiled(site_of(tmp_path, render_latex(document())), "example", program)
    assert made.complaints == []
    assert made.outside(MARGIN, FOOT) == []
    for table in table_blocks(document()):
        assert all("".join(row[0].split()) in made.text for row in table.rows)


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
    return TableBlock(f"short-{n_columns}-{n_rows}", "Short fields", columns, rows)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A report with tables that are longer, and wider, than a page."""
    document = small()
    tables = Section("tables", "Tables", (_long(40), _short(2, 120), _short(16, 3)))
    return site_of(
        tmp_path_factory.mktemp("large"), render_latex(replace(document, sections=(*document.sections, tables)))
    )


@pytest.mark.parametrize("program", ENGINES)
def test_long_and_wide_tables_keep_within_the_page(large, program):
    made = compiled(large, "example", program)
    assert made.complaints == []
    assert made.outside(MARGIN, FOOT) == []
    assert all(f"item_{i}_with/a/long.identifier_that_has_no_space" in made.text for i in range(40))
    assert all(f"r{j}c1" in made.text for j in range(120))
    assert re.search(r"Table3:Shortfields\(\d+parts\)", made.text)
    assert "Table3,part2of" in made.text
    assert "Table4:Shortfields" in made.text


@pytest.mark.parametrize("options", FULL_PAGE)
def test_other_pages_hold_them_too(large, options):
    name = f"page{options}"
    paper(large, name, r"\input{report}", options)
    made = compiled(large, name, "pdflatex")
    assert made.complaints == []
    assert made.outside(FULL_PAGE[options], FOOT) == []


def test_fragments_may_stand_in_the_text(tmp_path):
    """After other packages, and twice: what they define stays."""
    site = site_of(tmp_path, render_latex(small()))
    body = r"\input{numbers}\input{tables}\DiptychTableCells\input{report}"
    text = f"\\documentclass{{article}}\n{PREAMBLE}\\usepackage{{hyperref}}\\begin{{document}}{body}\\end{{document}}\n"
    (site / "latex" / "body.tex").write_text(text, "utf-8")
    made = compiled(site, "body", "pdflatex")
    assert [line for line in made.complaints if "multiply" not in line] == []
    assert made.text.count("Cellsthatmatter.") == 2


STRANGE = ("数据", "שלום", "e\N{COMBINING ACUTE ACCENT}x", "👩🏽‍🔬", "ﬀ™", "Привет_мир")


@pytest.mark.parametrize("program", ENGINES)
def test_a_character_that_the_font_lacks_stands_as_its_code(tmp_path, program):
    document = replace(small(), title=" ".join(STRANGE))
    made = compiled(site_of(tmp_path, render_latex(document)), "example", program)
    assert made.complaints == []
    for code in ("6570", "636E", "05E9", "05DC", "1F469", "200D", "041F"):
        assert f"[U+{code}]" in made.text
    assert "éx" in made.text
    assert "_[U+043C]" in made.text


def _kinds():
    """A document, and a macro of each kind with what it must print, from data/left.csv or the statement."""
    document = with_statements()
    agreement = document.statements[0]["numbers"]
    rows = list(csv.DictReader(io.StringIO(panel_csv(document.figures[0].panels[0]).decode())))
    cell = next(row for row in rows if (row["given"], row["outcome"]) == ("NLP", "CV"))
    share = 100 * float(cell["value"])
    expected = {
        "DiptychTitle": document.title,
        "DiptychDate": "2 March 2026",
        "DiptychVersion": document.version,
        "DiptychLeftUnits": cell["n_units"],
        "DiptychLeftGroups": str(document.figures[0].panels[0].n_groups),
        "DiptychLeftGivenNlp": cell["n_given"],
        "DiptychLeftOutcomeCv": cell["n_outcome"],
        "DiptychLeftNlpCv": f"{float(cell['value']):.3f}",
        "DiptychLeftNlpCvLow": f"{float(cell['low']):.3f}",
        "DiptychLeftNlpCvHigh": f"{float(cell['high']):.3f}",
        "DiptychLeftNlpCvPercent": f"{share:.0f}%",
        "DiptychLeftNlpCvRange": f"{100 * float(cell['low']):.0f}–{100 * float(cell['high']):.0f}%",
        "DiptychLeftNlpCvCount": cell["n_joint"],
        "DiptychLeftNlpCvGiven": cell["n_given"],
        "DiptychLeftNlpCvOutcome": cell["n_outcome"],
        "DiptychLeftNlpCvBaseline": f"{float(cell['baseline']):.3f}",
        "DiptychLeftNlpCvLift": f"{float(cell['lift']):.3f}",
        "DiptychLeftNlpCvQValue": f"{float(cell['q_value']):.3f}",
        "DiptychLeftCvNlpQValue": "–",
        "DiptychStatementAgreementCount": f"{agreement['count']}",
        "DiptychStatementAgreementShare": f"{agreement['share']:.3f}",
        "DiptychStatementAgreementSharePercent": f"{100 * agreement['share']:.0f}%",
        "DiptychStatementAgreementIntervalLow": f"{document.statements[0]['interval'][0]:.3f}",
    }
    return document, expected


@pytest.mark.parametrize("program", ENGINES)
def test_numbers_in_the_text_of_a_paper(tmp_path, program):
    document, expected = _kinds()
    site = site_of(tmp_path, render_latex(document))
    body = "\n\n".join(rf"{latex(name)}: \{name}{{}};" for name in expected)
    more = r"calculated: \fpeval{round(100*\DiptychLeftNlpCv)};"
    paper(site, "text", f"{body}\n\n{more}")
    made = compiled(site, "text", program)
    assert made.complaints == []
    assert "calculated:25;" in made.text
    for name, text in expected.items():
        assert f"{name}:{''.join(text.split())};" in made.text


@pytest.mark.parametrize("program", ENGINES)
def test_the_abstract_may_come_before_the_title_as_some_classes_need(tmp_path, program):
    document = small()
    site = site_of(tmp_path, render_latex(document))
    strict = (
        r"\let\plaintitle\maketitle\def\maketitle{\plaintitle"
        r"\renewenvironment{abstract}{\errmessage{Abstract must be defined before maketitle}}{}}"
    )
    title = r"\title{A}\author{B}" + "\n"
    paper(
        site,
        "strict",
        f"{title}\\begin{{abstract}}\\DiptychAbstract\\end{{abstract}}\n\\maketitle\n\\input{{report}}",
        more=strict,
    )
    made = compiled(site, "strict", program)
    said = "".join(span.text for span in document.sections[0].blocks[0].sentences[0].spans)
    assert made.text.count("".join(said.split())) == 1


def test_counts_may_have_commas_as_in_captions(tmp_path):
    site = site_of(tmp_path, render_latex(small()))
    numbers = {
        "0": "0",
        "7": "7",
        "999": "999",
        "1000": "1,000",
        "1999": "1,999",
        "12048": "12,048",
        "9000007": "9,000,007",
    }
    body = "\n\n".join(rf"\def\n{{{number}}}of {number}: \DiptychGrouped{{\n}};" for number in numbers)
    paper(site, "grouped", body)
    made = compiled(site, "grouped", "pdflatex")
    for number, text in numbers.items():
        assert f"of{number}:{text};" in made.text


@pytest.mark.parametrize(("claim", "holds"), [("\\n >= 2000", True), ("\\n = 2000", True), ("\\n < 0.5*4000", False)])
def test_a_false_claim_stops_the_run(tmp_path, claim, holds):
    site = site_of(tmp_path, render_latex(small()))
    paper(site, "claim", rf"\def\n{{2000}}These are \DiptychClaim{{{claim}}}{{many}}.")
    if holds:
        assert "Thesearemany." in compiled(site, "claim", "pdflatex").text
    else:
        with pytest.raises(AssertionError, match=r"The claim is false: \\n < 0\.5\*4000"):
            compiled(site, "claim", "pdflatex")
