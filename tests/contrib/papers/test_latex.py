"""The file for LaTeX: text is escaped, tables have their shape, and the small document gives the golden file."""

import re
from dataclasses import replace

import pytest

from diptych.contrib.papers.escapes import latex
from diptych.contrib.papers.output import render_paper
from diptych.document import Column, Section, TableBlock
from tests.contrib.papers.papers import with_statements
from tests.renderers.documents import NASTY, SCRIPT, small


def text_of(document):
    return render_paper(document)["paper/diptych.tex"].decode()


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        (
            NASTY,
            r"\textless{}\&\textquotedbl{}\%\DiptychBreak{}\_\textasciitilde{}\textasciicircum{}\textbackslash{}\{\}\#\$\DiptychBreak{}\textbar{}{*}{[}{]}",
        ),
        (
            SCRIPT,
            r"\textless{}/\DiptychBreak{}script\textgreater{}\textless{}\DiptychBreak{}script\textgreater{}\DiptychBreak{}alert(1)\DiptychBreak{}\textless{}/\DiptychBreak{}script\textgreater{}",
        ),
        ("a -- b --- c", r"a -\kern0pt{}- b -\kern0pt{}-\kern0pt{}- c"),
        ("''x'' ,,y", r"'\kern0pt{}'x'\kern0pt{}' ,\kern0pt{},y"),
        ("?`", r"?\textasciigrave{}"),
        ("two\n\nlines", "two lines"),
        ("91\N{NO-BREAK SPACE}%", r"91\,\%"),
        ("under\N{NO-BREAK SPACE}1\N{NO-BREAK SPACE}%", r"under~1\,\%"),
        ("−24 ≤ x", r"\ensuremath{-}24 \ensuremath{\leq} x"),
        ("Zürich 数据", r"Zürich \DiptychCharacter{6570}{数}\DiptychCharacter{636E}{据}"),
        ("“it’s”", r"\textquotedblleft{}it\textquoteright{}s\textquotedblright{}"),
        ("e\N{COMBINING ACUTE ACCENT} ŧ", r"é \DiptychCharacter{0167}{ŧ}"),
        ("ImageNet_1k-classification", r"Image\DiptychBreak{}Net\_\DiptychBreak{}1k-\DiptychBreak{}classification"),
        ("n" * 20, r"nnnnnnnn\DiptychBreak{}nnnnnnnn\DiptychBreak{}nnnn"),
        ("(categorisation);", "(categorisation);"),
        (r"\input{/etc/passwd}", r"\textbackslash{}input\{/\DiptychBreak{}etc/\DiptychBreak{}passwd\}"),
    ],
)
def test_texts_are_escaped(text, escaped):
    assert latex(text) == escaped


def parts_of(document, name="long"):
    """Each part of a table: columns as they are, columns in lines, and rows as lists of fields."""
    text = text_of(document).partition(rf"\Diptych@def{{table/{name}}}")[2].partition(r"\Diptych@def")[0]
    found = re.findall(
        r"\\DiptychFloat\{.*\}\n\{.*\}\n\{(.*)\}\n\{(.*)\}\n\{\\toprule\n([\s\S]*?)\n  \\bottomrule\}", text
    )
    for natural, lines, body in found:
        rows = [line.removesuffix(r"\\") for line in body.splitlines() if line.endswith(r"\\")]
        yield natural, lines, [re.split(r"(?<!\\)&", row) for row in rows]


def with_table(columns, rows):
    return replace(small(), sections=(Section("x", "X", (TableBlock("long", "Long", columns, rows),)),))


@pytest.mark.parametrize(("n", "sizes"), [(34, [34]), (35, [18, 17]), (120, [30] * 4), (0, [0])])
def test_a_long_table_is_set_in_even_parts(n, sizes):
    rows = tuple((f"row {i}", str(i)) for i in range(n))
    parts = [rows[1:] for _, _, rows in parts_of(with_table((Column("Name"), Column("n", "right")), rows))]
    assert [len(part) for part in parts] == sizes
    assert [row[0].strip() for part in parts for row in part] == [f"row {i}" for i in range(n)]


@pytest.mark.parametrize("name", ["numbers.json", "diptych.tex"])
def test_golden(golden, name):
    golden(name, render_paper(with_statements())[f"paper/{name}"])
