import re
from dataclasses import replace

import pytest

from diptych.contrib.papers.escapes import latex
from diptych.contrib.papers.latex import render_latex
from diptych.document.model import (
    Column,
    Paragraph,
    Section,
    TableBlock,
)
from tests.cells import whole_cells
from tests.contrib.papers.papers import with_statements
from tests.renderers.documents import (
    CONDITIONAL,
    DATASETS,
    IMAGE,
    MODELS,
    NASTY,
    SCRIPT,
    demo,
    nasty,
    panel,
    sentence,
    small,
)


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


def test_every_brace_and_environment_is_closed():
    for files in (render_latex(nasty()), render_latex(demo())):
        for name, content in files.items():
            text = re.sub(r"(?m)^ *%.*$", "", content.decode())
            text = re.sub(r"\\[\\{}%&_#$]", "", text)
            assert text.count("{") == text.count("}"), name
            begun, ended = (re.findall(rf"\\{word}\{{(\w+\*?)\}}", text) for word in ("begin", "end"))
            assert sorted(begun) == sorted(ended), name


def _tables(document):
    """Each part of each table: columns as they are, columns in lines, and rows as lists of fields."""
    text = render_latex(document)["latex/tables.tex"].decode()
    found = re.findall(
        r"\\DiptychFloat\{.*\}\n\{.*\}\n\{(.*)\}\n\{(.*)\}\n\{\\toprule\n([\s\S]*?)\n  \\bottomrule\}", text
    )
    for natural, lines, body in found:
        rows = [line.removesuffix(r"\\") for line in body.splitlines() if line.endswith(r"\\")]
        yield natural, lines, [re.split(r"(?<!\\)&", row) for row in rows]


def test_rows_of_tables_have_as_many_fields_as_columns():
    found = list(_tables(demo()))
    assert len(found) == 2
    for natural, lines, rows in found:
        assert {len(row) for row in rows} == {len(natural)}
        assert len(re.sub(r">\{(?:[^{}]|\{[^{}]*\})*\}", "", lines)) in {0, len(natural)}


@pytest.mark.parametrize(("n", "sizes"), [(34, [34]), (35, [18, 17]), (120, [30] * 4), (0, [0])])
def test_a_long_table_is_set_in_even_parts(n, sizes):
    rows = tuple((f"row {i}", str(i)) for i in range(n))
    table = TableBlock("long", "Long", (Column("Name"), Column("n", "right")), rows)
    document = replace(small(), sections=(Section("x", "X", (table,)),))
    parts = [rows[1:] for _, _, rows in _tables(document)]
    assert [len(part) for part in parts] == sizes
    assert [row[0].strip() for part in parts for row in part] == [f"row {i}" for i in range(n)]


@pytest.mark.parametrize("size", range(10, 32))
def test_columns_without_room_for_their_longest_words_share_the_line(size):
    columns = (Column("Agency"), Column("Programme"), *(Column("n" * size, "right") for _ in range(4)))
    row = ("Administration " * 4, "Infrastructure " * 5, *("1" for _ in range(4)))
    document = replace(small(), sections=(Section("x", "X", (TableBlock("wide", "W", columns, (row,)),)),))
    widths = re.findall(r"hsize=(-?[0-9.]+)", render_latex(document)["latex/tables.tex"].decode())
    assert all(float(width) > 0.3 for width in widths)
    assert sum(map(float, widths)) == pytest.approx(len(widths), abs=0.01 * len(widths))


def test_captions_of_figures_have_the_date():
    files = render_latex(small())
    said = r"\caption[{Main}]{Left given data, right given models; n = 6. Data of 2 March 2026.}"
    assert said in files["latex/report.tex"].decode()
    assert (
        r"\caption[{Cells that matter.}]{Cells that matter.}\label{tab:diptych-cells}"
        in files["latex/tables.tex"].decode()
    )
    undated = render_latex(replace(small(), date=None))
    assert "Data of" not in undated["latex/report.tex"].decode()
    assert r"\def\DiptychDate{\DiptychUndefined{}}" in undated["latex/numbers.tex"].decode()


def test_a_figure_has_its_alternative_text():
    assert r"alt={Two matrices of \textless{}\&" in render_latex(nasty())["latex/report.tex"].decode()


def _macros(document):
    return dict(re.findall(r"\\def\\(Diptych\w+)\{(.*)\}", render_latex(document)["latex/numbers.tex"].decode()))


def _with_cells(**changes):
    """The small document with other numbers in all cells of its left panel, or another measure."""
    [figure] = small().figures
    left, right = figure.panels
    measure = changes.pop("measure", left.measure)
    left = replace(left, measure=measure, cells=whole_cells(replace(cell, **changes) for cell in left.cells))
    return replace(small(), figures=(replace(figure, panels=(left, right)),))


@pytest.mark.parametrize(
    ("value", "number", "percent"),
    [
        (0.9996, "0.9996", r"over~99\%"),
        (0.0002, "0.0002", r"under~1\%"),
        (1.0, "1", r"100\%"),
        (0.0, "0", r"0\%"),
        (0.905, "0.905", r"91\%"),
        (None, r"\DiptychUndefined{}", r"\DiptychUndefined{}"),
        (float("nan"), r"\DiptychUndefined{}", r"\DiptychUndefined{}"),
    ],
)
def test_a_share_is_never_0_or_1_where_it_is_neither(value, number, percent):
    macros = _macros(_with_cells(value=value))
    found = macros["DiptychLeftNlpCv"], macros.get("DiptychLeftNlpCvPercent", r"\DiptychUndefined{}")
    assert found == (number, percent)


def test_what_a_panel_does_not_have_has_no_macro():
    """Text that speaks of it stops compiling."""
    macros = _macros(small())
    assert "DiptychLeftNlpCvLiftWithin" not in macros
    stratified = _macros(_with_cells(lift_within_strata=1.29))
    assert stratified["DiptychLeftNlpCvLiftWithin"] == "1.290"
    assert "DiptychRightNlpCvLiftWithin" not in stratified
    of_ratio = _macros(_with_cells(measure=replace(CONDITIONAL, upper=None), q_value=None))
    assert {name for name in macros if name not in of_ratio and name.startswith("DiptychLeftNlpCv")} == {
        "DiptychLeftNlpCvPercent",
        "DiptychLeftNlpCvRange",
        "DiptychLeftNlpCvQValue",
    }
    assert _macros(_with_cells(q_value=1e-9))["DiptychLeftNlpCvQValue"] == "under 0.001"


def _with_panel(one):
    [figure] = small().figures
    return replace(small(), figures=(replace(figure, panels=(one,)),), sections=())


def test_names_that_meet_are_told_apart_in_declared_order():
    names = ("A", "a", "数据", "Hub 2", "Low", "Given")
    document = _with_panel(panel("left", (DATASETS, MODELS), names, [[1] * 6] * 6, [[9] * 6] * 2, total=99, few=1))
    text = render_latex(document)["latex/numbers.tex"].decode()
    found = re.findall(r"(?m)^% left: .* -> .*\n\\def\\(\w+)\{", text)
    assert found[:7] == [
        "DiptychLeftAA",
        "DiptychLeftAAAlt",
        "DiptychLeftACategoryThree",
        "DiptychLeftAHubTwo",
        "DiptychLeftALow",
        "DiptychLeftAGiven",
        "DiptychLeftAAAltAlt",
    ]
    assert "% left: A -> A (measured)\n" in text
    assert "% left: A -> a (measured): name was taken\n" in text
    # Given as a given category, and the size of a given category
    assert text.count(r"\def\DiptychLeftGivenLow{9}") == 1
    assert "DiptychLeftGivenLowAlt" in found
    everything = re.findall(r"\\def\\(Diptych\w*)\{", text)
    assert len(set(everything)) == len(everything)
    assert [name for name in everything if not re.fullmatch("[A-Za-z]+", name)] == []


def test_no_number_is_called_as_a_table_or_a_part_of_the_kit():
    one = panel("left", (DATASETS, MODELS), ("cells", "x"), [[1] * 2] * 2, [[9] * 2] * 2, total=99, few=1)
    [figure] = small().figures
    document = replace(small(), figures=(replace(figure, panels=(replace(one, id="table"), one)),))
    texts = {name: content.decode() for name, content in render_latex(document).items()}
    defined = set(
        re.findall(
            r"(?:def|newsavebox|let|[a-z]command\{|newenvironment\{)\\?(Diptych[A-Za-z]+)",
            texts["latex/tables.tex"] + texts["latex/report.tex"],
        )
    )
    assert {"DiptychTableCells", "DiptychFloat", "DiptychBox", "DiptychAuthored"} <= defined
    numbers = texts["latex/numbers.tex"]
    assert defined & set(re.findall(r"(?m)^\\def\\(Diptych\w+)", numbers)) == set()


def test_a_large_panel_has_macros_for_the_cells_that_the_report_names():
    names = tuple(f"C{n}" for n in range(31))
    large = _with_panel(panel("left", (DATASETS, MODELS), names, [[1] * 31] * 31, [[31] * 31] * 2, total=99))
    spoken = Paragraph((sentence("x", "Words.", cells=[("left", "C2", "C10")]),))
    text = render_latex(replace(large, sections=(Section("x", "X", (spoken,)),)))["latex/numbers.tex"].decode()
    assert re.findall(r"(?m)^% left: .* -> .*\n\\def\\(\w+)\{", text) == ["DiptychLeftCTwoCOneZero"]
    assert r"\def\DiptychLeftGivenCThreeZero{31}" in text


def test_comments_stay_on_their_line():
    text = render_latex(small(("two\nlines", "\\end")))["latex/numbers.tex"].decode()
    assert "% left: two lines -> \\end (measured)" in text.splitlines()
    numbers = text[text.index("% the report") : text.index("% the abstract")].rstrip().splitlines()
    assert [line for line in numbers if not line.startswith(("% ", "\\def\\Diptych"))] == []


def test_the_example_names_every_fragment():
    files = render_latex(small())
    inputs = re.findall(r"\\input\{(\w+)\}", files["latex/example.tex"].decode())
    assert {f"latex/{name}.tex" for name in inputs} | {"latex/example.tex"} == set(files)


def test_labels_that_are_code_are_text():
    text = render_latex(nasty())["latex/report.tex"].decode()
    assert latex(SCRIPT + IMAGE) in text
    assert "<script>" not in re.sub(r"(?m)^ *%.*$", "", text)


@pytest.mark.parametrize("name", ["report.tex", "tables.tex", "numbers.tex", "example.tex"])
def test_golden(golden, name):
    golden(f"latex/{name}", render_latex(with_statements())[f"latex/{name}"])


def test_only_statements_that_are_told_have_macros():
    text = render_latex(with_statements())["latex/numbers.tex"].decode()
    assert re.findall(r"(?m)^% statement (.*)", text) == ["agreement"]
    assert _macros(with_statements())["DiptychStatementAgreementQValue"] == "under 0.001"
    assert "Statement" not in "".join(_macros(small()))
