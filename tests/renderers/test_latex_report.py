import re

import pytest

from report.cells import CellRef
from report.renderers.escape import latex
from report.renderers.latex import render_latex
from report.renderers.latex_numbers import cell_macros
from tests.renderers.documents import DATASETS, IMAGE, MODELS, NASTY, SCRIPT, demo, nasty, panel, small


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        (
            NASTY,
            r"\textless{}\&\textquotedbl{}\%\_\textasciitilde{}\textasciicircum{}\textbackslash{}\{\}\#\$\textbar{}{*}{[}{]}",
        ),
        (
            SCRIPT,
            r"\textless{}/script\textgreater{}\textless{}script\textgreater{}alert(1)\textless{}/script\textgreater{}",
        ),
        ("a -- b --- c", "a -{}- b -{}-{}- c"),
        ("''x'' ,,y", "'{}'x'{}' ,{},y"),
        ("?`", r"?\textasciigrave{}"),
        ("two\n\nlines", "two lines"),
        ("91\N{NO-BREAK SPACE}%", r"91~\%"),
        ("−24 ≤ x", r"\ensuremath{-}24 \ensuremath{\leq} x"),
        ("Zürich 数据", "Zürich 数据"),
        (r"\input{/etc/passwd}", r"\textbackslash{}input\{/etc/passwd\}"),
    ],
)
def test_texts_are_escaped(text, escaped):
    assert latex(text) == escaped


def test_every_brace_and_environment_is_closed():
    for files in (render_latex(nasty()), render_latex(demo())):
        for name, content in files.items():
            text = re.sub(r"(?m)^ *%.*$", "", content.decode())
            text = re.sub(r"\\[\\{}%&_#$]", "", text)
            assert text.count("{") == text.count("}"), name
            begun, ended = (re.findall(rf"\\{word}\{{(\w+\*?)\}}", text) for word in ("begin", "end"))
            assert sorted(begun) == sorted(ended), name


def test_rows_of_tables_have_as_many_fields_as_columns():
    text = render_latex(demo())["latex/tables.tex"].decode()
    for columns, body in re.findall(r"\\begin\{tabular\}\{(.*?)\}\n(.*?)\\end\{tabular\}", text, re.DOTALL):
        letters = re.sub(r">\{[^}]*\}p\{[^}]*\}?", "l", columns)
        rows = [line for line in body.splitlines() if line.endswith(r"\\")]
        assert rows
        assert {len(re.findall(r"(?<!\\)&", row)) + 1 for row in rows} == {len(letters)}


def test_numbers_of_a_cell():
    text = render_latex(small())["latex/numbers.tex"].decode()
    start = text.index("% left: NLP -> CV (measured)")
    assert text[start:].splitlines()[1:9] == [
        r"\def\DiptychLeftNlpCv{0.250}",
        r"\def\DiptychLeftNlpCvLow{0.046}",
        r"\def\DiptychLeftNlpCvHigh{0.699}",
        r"\def\DiptychLeftNlpCvCount{1}",
        r"\def\DiptychLeftNlpCvGiven{4}",
        r"\def\DiptychLeftNlpCvOutcome{3}",
        r"\def\DiptychLeftNlpCvBaseline{0.500}",
        r"\def\DiptychLeftNlpCvLift{0.500}",
    ]
    assert r"\def\DiptychLeftTabularNlp{\DiptychUndefined{}}" in render_latex(demo())["latex/numbers.tex"].decode()


def test_names_that_meet_are_told_apart_in_declared_order():
    names = ("A", "a", "数据", "Hub 2", "Low")
    cells = cell_macros((panel("left", (DATASETS, MODELS), names, [[1] * 5] * 5, [[9] * 5] * 2, total=99, few=1),))
    found = [cell.macros[0].name for cell in cells]
    assert found[:7] == [
        "DiptychLeftAA",
        "DiptychLeftAAAlt",
        "DiptychLeftACategoryThree",
        "DiptychLeftAHubTwo",
        "DiptychLeftALow",
        "DiptychLeftAAAltAlt",
        "DiptychLeftAAAltAltAlt",
    ]
    assert [cell.renamed for cell in cells[:3]] == [False, True, False]
    everything = [macro.name for cell in cells for macro in cell.macros]
    assert len(set(everything)) == len(everything)
    assert [name for name in everything if not re.fullmatch("[A-Za-z]+", name)] == []


def test_a_large_panel_has_macros_for_the_cells_that_the_report_names():
    names = tuple(f"C{n}" for n in range(31))
    large = panel("left", (DATASETS, MODELS), names, [[1] * 31] * 31, [[31] * 31] * 2, total=99)
    found = cell_macros((large,), frozenset({CellRef("left", "C2", "C10")}))
    assert [cell.macros[0].name for cell in found] == ["DiptychLeftCTwoCOneZero"]


def test_comments_stay_on_their_line():
    text = render_latex(small(("two\nlines", "\\end")))["latex/numbers.tex"].decode()
    assert "% left: two lines -> \\end (measured)" in text.splitlines()
    assert all(line.startswith(("%", "\\def", "\\providecommand")) for line in text.splitlines())


def test_the_example_names_every_fragment():
    files = render_latex(small())
    inputs = re.findall(r"\\input\{(\w+)\}", files["latex/example.tex"].decode())
    assert {f"latex/{name}.tex" for name in inputs} | {"latex/example.tex"} == set(files)


def test_labels_that_are_code_are_text():
    text = render_latex(nasty())["latex/report.tex"].decode()
    assert latex(SCRIPT + IMAGE) in text
    assert "<script>" not in re.sub(r"(?m)^ *%.*$", "", text)
